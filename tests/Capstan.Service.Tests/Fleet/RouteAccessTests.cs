using Capstan.Gateway.Tests.Fleet;

namespace Capstan.Service.Tests.Fleet;

/// <summary>Every address of a hosted gateway with everybody who might call it.</summary>
public sealed class RouteAccessTests
{
    const string Instances = $$"""{"instances":[{{TripsModel.Instance}}]}""";

    // Who may: V viewer, P predictor, D developer; owners may all, and nobody else anything.
    static readonly (string Verb, string Path, string? Body, string Roles)[] Addresses =
    [
        ("GET", "/v1beta/routes/p.trips", null, "VPD"),
        ("GET", "/v1beta/routes/p.trips/comparison", null, "VPD"),
        ("POST", "/v1beta/routes/p.trips:deploy", """{"version":"v1"}""", "D"),
        ("PUT", "/v1beta/routes/p.trips/split", """{"shares":[{"version":"v1","perMille":1000}]}""", "D"),
        ("PUT", "/v1beta/routes/p.trips/labels/stable", """{"version":"v1"}""", "D"),
        ("PUT", "/v1beta/routes/p.trips/scaling", """{"maxNodes":2}""", "D"),
        ("POST", "/v1beta/routes/p.trips:rollback", null, "D"),
        ("POST", "/v1beta/routes/p.trips:undeploy", """{"version":"v1"}""", "D"),
        ("DELETE", "/v1beta/routes/p.trips", null, "D"),
        ("GET", "/v1/models/p.trips", null, "VPD"),
        ("GET", "/v1/models/p.trips/metadata", null, "VPD"),
        ("GET", "/v1/models/p.trips/versions/v1", null, "VPD"),
        ("POST", "/v1/models/p.trips:predict", Instances, "PD"),
        ("POST", "/v1/models/p.trips/versions/v1:predict", Instances, "PD"),
        ("POST", "/v1/models/p.trips/labels/stable:predict", Instances, "PD"),
        ("POST", "/v1/models/p.trips:explain", Instances, "PD"),
        ("GET", "/v1/models/p.trips:predict", null, "PD"),
        ("POST", "/v1/models/p.trips:regress", """{"examples":[{}]}""", "PD"),
        ("POST", "/v1/models/p.trips:recordOutcome", """{"requestId":"none","outcome":1}""", "PD"),
        ("GET", "/v2/models/p.trips", null, "VPD"),
        ("GET", "/v2/models/p.trips/ready", null, "VPD"),
        ("POST", "/v2/models/p.trips/infer", """{"inputs":[]}""", "PD"),
    ];

    [Fact]
    public async Task Every_address_is_for_those_whose_role_says_so_and_for_nobody_else()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Access = new AccessOptions(), Quotas = Quotas.None, Jobs = null, Replicas = new OwnReplicas(),
        });
        var keys = new Dictionary<string, string?> { ["nobody"] = null };
        await using (var access = await AccessAdministration.OpenAsync(service.At("registry.db"), TimeProvider.System, CancellationToken.None))
        {
            foreach (var role in (string[])["viewer", "predictor", "developer", "owner"])
            {
                keys[role] = (await access.CreateKeyAsync($"serviceAccount:{role}", null, CancellationToken.None)).Secret;
                await access.GrantAsync("p", $"serviceAccount:{role}", $"roles/ml.{role}", CancellationToken.None);
            }

            keys["stranger"] = (await access.CreateKeyAsync("serviceAccount:stranger", null, CancellationToken.None)).Secret;
            await access.GrantAsync("elsewhere", "serviceAccount:stranger", "roles/ml.owner", CancellationToken.None);
        }

        await service.WithModelAsync("p", keys["owner"]);
        Assert.Equal(200, (await service.SendAsync("POST", "/v1beta/routes/p.trips:deploy", """{"version":"v1"}""", keys["owner"])).Status);
        var wrong = new List<string>();
        foreach (var (verb, path, body, roles) in Addresses)
        {
            foreach (var (who, key) in keys)
            {
                var may = who == "owner" || (who is not ("nobody" or "stranger") && roles.Contains(char.ToUpperInvariant(who[0])));
                var (status, json) = await service.SendAsync(verb, path, body, key);
                var isAsExpected = who == "nobody" ? status == 401 : may ? status is not (401 or 403 or >= 500) : status == 403;
                if (!isAsExpected)
                {
                    wrong.Add($"{verb} {path} by {who}: {status} {json}");
                }
            }
        }

        Assert.Empty(wrong);

        // The list shows whom it concerns.
        Assert.Equal(401, (await service.SendAsync("GET", "/v1beta/routes")).Status);
        Assert.Empty((await service.SendAsync("GET", "/v1beta/routes", key: keys["stranger"])).Json["routes"]!.AsArray());
        Assert.Single((await service.SendAsync("GET", "/v1beta/routes", key: keys["viewer"])).Json["routes"]!.AsArray());

        // Changes, and who wanted them in vain, are in the audit log.
        var (_, audit) = await service.SendAsync("GET", "/v1beta/projects/p/auditEntries?pageSize=1000", key: keys["owner"]);
        var entries = audit["auditEntries"]!.AsArray().Select(each => $"{each!["member"]} {each["method"]} {each["outcome"]}").ToHashSet();
        Assert.Contains("serviceAccount:developer capstan.routes.update OK", entries);
        Assert.Contains("serviceAccount:viewer capstan.routes.update PERMISSION_DENIED", entries);
    }
}

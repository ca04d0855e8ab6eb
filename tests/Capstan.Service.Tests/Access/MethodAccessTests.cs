using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Access;

/// <summary>Every method with everybody who might call it.</summary>
public sealed class MethodAccessTests
{
    // What the methods of a collection are, in words of roles: V viewer, P predictor, D developer; owners may all.
    static readonly Dictionary<string, string> Allowed = new()
    {
        ["ml.projects.explain"] = "PD", ["ml.projects.predict"] = "PD",
        ["ml.projects.models.get"] = "VPD", ["ml.projects.models.versions.get"] = "VPD", ["ml.projects.models.versions.getLineage"] = "VPD",
        ["ml.projects.models.versions.getStatistics"] = "VPD", ["ml.projects.datasets.getStatistics"] = "VD",
        ["ml.projects.getConfig"] = "VD",
        ["ml.projects.locations.studies.trials.listOptimalTrials"] = "VD",
        ["ml.projects.jobs.read"] = "VD", ["ml.projects.jobs.listLogEntries"] = "VD",
        ["ml.projects.listAuditEntries"] = "",
    };

    static string RolesOf(string id) => Allowed.TryGetValue(id, out var roles) ? roles
        : id.EndsWith("IamPermissions", StringComparison.Ordinal) ? "VPDX" // also who has no role: the answer is empty
        : id.EndsWith("IamPolicy", StringComparison.Ordinal) ? ""
        : id.EndsWith(".get", StringComparison.Ordinal) || id.EndsWith(".list", StringComparison.Ordinal) ? "VD"
        : "D";

    [Fact]
    public async Task A_key_is_taken_wherever_clients_of_Google_put_it_and_only_one_that_is_known()
    {
        await using var service = await RunningService.StartAsync(options => options with { Access = new AccessOptions(), Jobs = null });
        await using var access = await AccessAdministration.OpenAsync(service.At("registry.db"), TimeProvider.System, CancellationToken.None);
        var key = (await access.CreateKeyAsync("serviceAccount:app", null, CancellationToken.None)).Secret;
        await access.GrantAsync("p", "serviceAccount:app", "roles/ml.viewer", CancellationToken.None);
        async Task<int> AskAsync(string query, string? header = null, string? value = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/projects/p/models{query}");
            if (header is not null)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }

            using var response = await service.Http.SendAsync(request);
            return (int)response.StatusCode;
        }

        Assert.Equal(200, await AskAsync($"?key={key}"));
        Assert.Equal(200, await AskAsync($"?pageSize=5&key={key}&alt=json"));
        Assert.Equal(200, await AskAsync("", "X-Goog-Api-Key", key));
        Assert.Equal(200, await AskAsync("", "Authorization", $"Bearer {key}"));
        Assert.Equal(200, await AskAsync($"?access_token={key}"));
        Assert.Equal(401, await AskAsync(""));
        Assert.Equal(401, await AskAsync($"?key={key}0"));
        Assert.Equal(401, await AskAsync($"?key=&Key={key.ToUpperInvariant()}"));
    }

    [Fact]
    public async Task Every_method_is_for_those_whose_role_says_so_and_for_nobody_else()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Access = new AccessOptions(), Quotas = Quotas.None, Jobs = null,
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

        var wrong = new List<string>();
        foreach (var surface in new[] { ApiSurface.V1, ApiSurface.V1Beta })
        {
            foreach (var method in surface.Methods)
            {
                foreach (var (who, key) in keys)
                {
                    var mayBe = who switch
                    {
                        "owner" => true,
                        "nobody" => false,
                        "stranger" => RolesOf(method.Id).Contains('X'),
                        _ => RolesOf(method.Id).Contains(char.ToUpperInvariant(who[0])),
                    };
                    var (status, json) = await service.SendAsync(method.Verb, PathOf(surface, method), method.Request is null ? null : "{}", key);
                    var expected = who == "nobody" ? "401" : mayBe ? "neither 401 nor 403" : "403";
                    if (who == "nobody" ? status != 401 : mayBe ? status is 401 or 403 or >= 500 : status != 403)
                    {
                        wrong.Add($"{method.Id} by {who}: {status}, expected {expected}: {json["error"]?["message"]}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    static string PathOf(ApiSurface surface, ApiMethod method)
    {
        var pattern = method.Pattern == "projects/**" ? "projects/*/models/*" : method.Pattern;
        var name = string.Join('/', pattern.Split('/').Select((segment, index) => segment == "*" ? index == 1 ? "p" : "none" : segment));
        return $"/{surface.Version}/{name}{method.Path[(method.Path.IndexOf('}') + 1)..]}";
    }

    [Fact]
    public async Task A_key_ends_when_it_is_revoked_or_has_lasted_its_time_and_a_wrong_one_is_none()
    {
        await using var service = await RunningService.StartAsync(options => options with { Access = new AccessOptions() });
        await using var access = await AccessAdministration.OpenAsync(service.At("registry.db"), TimeProvider.System, CancellationToken.None);
        await access.GrantAsync("p", "serviceAccount:a", "roles/ml.viewer", CancellationToken.None);
        var (id, secret) = await access.CreateKeyAsync("serviceAccount:a", null, CancellationToken.None);
        var (_, old) = await access.CreateKeyAsync("serviceAccount:a", TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models", key: secret)).Status);
        Assert.Equal(200, (await service.SendAsync("GET", $"/v1/projects/p/models?key={secret}")).Status);
        Assert.Equal(401, (await service.SendAsync("GET", "/v1/projects/p/models", key: old)).Status);
        Assert.Equal(401, (await service.SendAsync("GET", "/v1/projects/p/models", key: secret[..^1] + "x")).Status);
        Assert.Equal(401, (await service.SendAsync("GET", "/v1/projects/p/models", key: "some.jwt.perhaps")).Status);
        Assert.True(await access.RevokeKeyAsync(id, CancellationToken.None));
        Assert.Equal(401, (await service.SendAsync("GET", "/v1/projects/p/models", key: secret)).Status);

        // Only hashes are stored.
        var files = Directory.EnumerateFiles(service.Folder, "registry.db*").SelectMany(Stored);
        Assert.DoesNotContain(secret, string.Concat(files));
    }

    static IEnumerable<string> Stored(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var text = new StreamReader(file, System.Text.Encoding.Latin1);
        yield return text.ReadToEnd();
    }

    [Fact]
    public async Task A_policy_on_a_model_holds_for_it_and_its_versions_alone()
    {
        await using var service = await RunningService.StartAsync(options => options with { Access = new AccessOptions() });
        await using var access = await AccessAdministration.OpenAsync(service.At("registry.db"), TimeProvider.System, CancellationToken.None);
        var (_, owner) = await access.CreateKeyAsync("serviceAccount:owner", null, CancellationToken.None);
        var (_, guest) = await access.CreateKeyAsync("serviceAccount:guest", null, CancellationToken.None);
        await access.GrantAsync("p", "serviceAccount:owner", "roles/ml.owner", CancellationToken.None);
        foreach (var model in (string[])["one", "two"])
        {
            Assert.Equal(200, (await service.SendAsync("POST", "/v1/projects/p/models", $$"""{"name":"{{model}}"}""", owner)).Status);
        }

        var policy = """{"policy":{"bindings":[{"role":"roles/ml.viewer","members":["serviceAccount:guest"]}]}}""";
        Assert.Equal(200, (await service.SendAsync("POST", "/v1/projects/p/models/one:setIamPolicy", policy, owner)).Status);
        Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models/one", key: guest)).Status);
        Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models/one/versions", key: guest)).Status);
        Assert.Equal(403, (await service.SendAsync("GET", "/v1/projects/p/models/two", key: guest)).Status);
        Assert.Equal(403, (await service.SendAsync("GET", "/v1/projects/p/models", key: guest)).Status);
        Assert.Equal(400, (await service.SendAsync("POST", "/v1/projects/p/models/one:setIamPolicy", policy.Replace("serviceAccount:guest", "allUsers"), owner)).Status);
        var (_, audit) = await service.SendAsync("GET", "/v1beta/projects/p/auditEntries?pageSize=100", key: owner);
        var entries = audit["auditEntries"]!.AsArray().Select(each => $"{each!["member"]} {each["method"]} {each["outcome"]}").ToArray();
        Assert.Contains("serviceAccount:owner ml.projects.models.setIamPolicy OK", entries);
        Assert.Contains("serviceAccount:guest ml.projects.models.list PERMISSION_DENIED", entries);
        Assert.Contains("serviceAccount:owner ml.projects.models.setIamPolicy INVALID_ARGUMENT", entries);
    }

    [Fact]
    public async Task A_server_that_others_can_reach_is_never_open()
    {
        var refusal = await Assert.ThrowsAsync<ServiceSetupException>(() => RunningService.StartAsync(options => options with { Address = System.Net.IPAddress.Any }));
        Assert.Contains("must know who asks", refusal.Message);
    }

    [Fact]
    public async Task Quotas_are_counted_by_project_and_minute()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Quotas = Quotas.None with { CallsPerMinute = 5, Models = 1 }, Time = new FixedClock(),
        });
        Assert.Equal(200, (await service.SendAsync("POST", "/v1/projects/p/models", """{"name":"a"}""")).Status);
        var (status, json) = await service.SendAsync("POST", "/v1/projects/p/models", """{"name":"b"}""");
        Assert.Equal((429, "RESOURCE_EXHAUSTED"), (status, $"{json["error"]!["status"]}"));
        for (var call = 3; call <= 5; call++)
        {
            Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/p/models")).Status);
        }

        Assert.Equal(429, (await service.SendAsync("GET", "/v1/projects/p/models")).Status);
        Assert.Equal(200, (await service.SendAsync("GET", "/v1/projects/q/models")).Status);
    }

    /// <summary>A clock that stands, with real timers: a minute does not end in the middle of the test.</summary>
    sealed class FixedClock : TimeProvider
    {
        readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Gateway.Tests.Fleet;
using Capstan.Registry;

namespace Capstan.Service.Tests.Fleet;

/// <summary>Two servers on one PostgreSQL, each with replicas of its own: front doors that share nothing but the database.</summary>
public sealed class SharedRoutesTests : IAsyncLifetime
{
    const string Instances = $$"""{"instances":[{{TripsModel.Instance}}]}""";

    readonly OwnReplicas[] _replicas = [new(), new()];
    SharedServers _shared = null!; // Made before any test runs, as the servers are.
    RunningService _one = null!;
    RunningService _other = null!;

    public async ValueTask InitializeAsync()
    {
        _shared = await SharedServers.CreateAsync();
        _one = await StartAsync(_replicas[0]);
        _other = await StartAsync(_replicas[1]);
        await _one.WithModelAsync("default");
        await _one.WithVersionAsync("default", "v2");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _shared.DisposeAsync();
    }

    Task<RunningService> StartAsync(OwnReplicas replicas) =>
        RunningService.StartAsync(options => _shared.Options(options) with { Replicas = replicas, Jobs = null });

    static Task<JsonObject> DeployAsync(RunningService at, string version, string rest = "") =>
        at.DoAsync("POST", "/v1beta/routes/trips:deploy", $$"""{"version":"{{version}}"{{rest}}}""");

    static async Task<(int Status, string Version, string Id)> PredictAsync(RunningService at, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/trips:predict")
        {
            Content = new StringContent(Instances, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-User", user ?? "somebody");
        using var response = await at.Http.SendAsync(request);
        var version = response.Headers.TryGetValues("X-Capstan-Version", out var values) ? values.Single() : "";
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, version, response.Headers.GetValues("X-Request-Id").Single());
    }

    static string SharesOf(JsonObject route) =>
        string.Join(" ", route["versions"]!.AsArray().Select(version => $"{version!["version"]}:{version["perMille"]}"));

    /// <returns>How long that took.</returns>
    static async Task<TimeSpan> UntilAsync(RunningService at, string shares)
    {
        var waited = Stopwatch.StartNew();
        while (SharesOf((await at.SendAsync("GET", "/v1beta/routes/trips")).Json is { } route && route["versions"] is not null ? route : new JsonObject { ["versions"] = new JsonArray() }) != shares)
        {
            Assert.True(waited.Elapsed < Waiting.Patience, $"Not {shares} after {Waiting.Patience}.");
            await Task.Delay(10);
        }

        return waited.Elapsed;
    }

    [Fact]
    public async Task What_is_changed_at_one_holds_at_the_other_without_a_failed_request()
    {
        await DeployAsync(_one, "v1");
        await UntilAsync(_other, "v1:1000");
        Assert.Equal((200, "v1"), await Short(PredictAsync(_other)));
        Assert.Single(_replicas[1].Running);

        using var done = new CancellationTokenSource();
        var asking = new[] { _one, _other }.Select(async at =>
        {
            var seen = new HashSet<(int, string)>();
            while (!done.IsCancellationRequested)
            {
                seen.Add(await Short(PredictAsync(at)));
            }

            return seen;
        }).ToArray();
        await DeployAsync(_other, "v2", ""","trafficPerMille":1000""");
        var took = await UntilAsync(_one, "v1:0 v2:1000");
        await _one.DoAsync("POST", "/v1beta/routes/trips:rollback");
        await UntilAsync(_other, "v1:1000 v2:0");
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(asking), seen => Assert.All(seen, answer => Assert.Equal(200, answer.Item1)));
        // A second on a machine that is not busy; on others nobody can say.
        TestContext.Current.SendDiagnosticMessage($"The other server followed after {took.TotalMilliseconds:0} ms.");
    }

    [Fact]
    public async Task Changes_at_both_at_once_are_all_made()
    {
        await DeployAsync(_one, "v1");
        await UntilAsync(_other, "v1:1000");
        var labels = Enumerable.Range(0, 16).Select(index => (index % 2 == 0 ? _one : _other).DoAsync(
            "PUT", $"/v1beta/routes/trips/labels/l{index}", """{"version":"v1"}"""));
        await Task.WhenAll(labels);
        await _other.DoAsync("PUT", "/v1beta/routes/trips/scaling", """{"maxNodes":2}""");
        var route = await _other.DoAsync("GET", "/v1beta/routes/trips");
        Assert.Equal(16, route["labels"]!.AsObject().Count);
        var scaled = await _one.DoAsync("PUT", "/v1beta/routes/trips/labels/last", """{"version":"v1"}""");
        Assert.Equal((17, 2), (scaled["labels"]!.AsObject().Count, (int)scaled["scaling"]!["maxNodes"]!));
    }

    [Fact]
    public async Task Outcomes_that_come_to_either_belong_to_the_answers_of_both()
    {
        await DeployAsync(_one, "v1");
        await DeployAsync(_one, "v2", ""","trafficPerMille":500""");
        await UntilAsync(_other, "v1:500 v2:500");
        var answers = new List<(string Version, string Id)>();
        for (var index = 0; index < 6; index++)
        {
            var (status, version, id) = await PredictAsync(index % 2 == 0 ? _one : _other);
            Assert.Equal(200, status);
            answers.Add((version, id));
        }

        // Each outcome goes to the server that did not answer.
        for (var index = 0; index < answers.Count; index++)
        {
            var (told, at) = (default((int Status, JsonObject Json)), index % 2 == 0 ? _other : _one);
            await Waiting.UntilAsync("the server that answered has said so", async () =>
            {
                // One that is busy and does not say so within seconds knows nothing of it.
                told = await at.SendAsync("POST", "/v1/models/trips:recordOutcome", $$"""{"requestId":"{{answers[index].Id}}","outcome":{{index}}}""");
                return told.Status != 404;
            }, () => $"{told.Json}");
            Assert.True(told.Status == 200, $"{told.Json}"); // It has been asked.
            Assert.Equal(answers[index].Version, $"{told.Json!["version"]}");
        }

        var twice = $$"""{"requestId":"{{answers[0].Id}}","outcome":1}""";
        var again = default((int Status, JsonObject Json));
        await Waiting.UntilAsync("the server that answered has said so", async () =>
            (again = await _other.SendAsync("POST", "/v1/models/trips:recordOutcome", twice)).Status != 404, () => $"{again.Json}");
        Assert.True(again.Status == 409, $"{again.Json}");
        Assert.Equal(404, (await _one.SendAsync("POST", "/v1/models/trips:recordOutcome", """{"requestId":"none","outcome":1}""")).Status);
        foreach (var at in new[] { _one, _other })
        {
            var versions = (await ComparisonAsync(at, exposures: 6))["versions"]!.AsArray();
            Assert.Equal(6, versions.Sum(version => (int)version!["outcomes"]!));
            Assert.Equal(15.0, versions.Sum(version => (int)version!["outcomes"]! * (double?)version["meanOutcome"]?["value"] ?? 0), 9);
        }
    }

    /// <summary>Waits until the servers have told each other of so many answers.</summary>
    static async Task<JsonObject> ComparisonAsync(RunningService at, int exposures)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var comparison = await at.DoAsync("GET", "/v1beta/routes/trips/comparison");
            if (comparison["versions"]!.AsArray().Sum(version => (int)version!["exposures"]!) == exposures)
            {
                return comparison;
            }

            Assert.True(waited.Elapsed < Waiting.Patience, $"{comparison}");
            await Task.Delay(50);
        }
    }

    [Fact]
    public async Task A_backup_has_the_routes_and_what_is_restored_serves_by_them()
    {
        await DeployAsync(_one, "v1");
        await DeployAsync(_one, "v2", ""","trafficPerMille":250""");
        var (_, version, id) = await PredictAsync(_one);
        await _one.DoAsync("POST", "/v1/models/trips:recordOutcome", $$"""{"requestId":"{{id}}","outcome":3}""");
        var place = Directory.CreateTempSubdirectory("capstan-restored-").FullName;
        var backup = Path.Combine(place, "backup");
        await using (var database = await RegistryDatabase.OpenAsync(_shared.Database, CancellationToken.None))
        {
            await RegistryBackup.WriteAsync(database, new FolderStore(_shared.Store), backup, CancellationToken.None);
        }

        var data = Directory.CreateDirectory(Path.Combine(place, "data")).FullName;
        await using (var database = await RegistryDatabase.OpenAsync(Path.Combine(data, "registry.db"), CancellationToken.None))
        {
            await RegistryBackup.RestoreAsync(backup, database, new FolderStore(Path.Combine(data, "store")), CancellationToken.None);
        }

        await using (var restored = await RunningService.StartAsync(options => options with { Replicas = new OwnReplicas(), Jobs = null }, data))
        {
            Assert.Equal("v1:750 v2:250", SharesOf(await restored.DoAsync("GET", "/v1beta/routes/trips")));
            Assert.Equal(200, (await PredictAsync(restored)).Status);
            var versions = (await restored.DoAsync("GET", "/v1beta/routes/trips/comparison"))["versions"]!.AsArray();
            Assert.Equal(1, (int)versions.Single(each => $"{each!["version"]}" == version)!["outcomes"]!);
        }

        Folders.Remove(place);
    }

    static async Task<(int Status, string Version)> Short(Task<(int Status, string Version, string Id)> asked)
    {
        var (status, version, _) = await asked;
        return (status, version);
    }
}

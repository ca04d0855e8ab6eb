using System.Text;
using System.Text.Json.Nodes;
using Capstan.Gateway.Tests.Fleet;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service.Tests.Fleet;

/// <summary>A server that hosts a fleet: the registry's versions, deployed, split, and asked in both ways.</summary>
public sealed class HostedFleetTests : IAsyncLifetime
{
    const string Instances = $$"""{"instances":[{{TripsModel.Instance}}]}""";
    const string Trips = "/v1/projects/default/models/trips";

    readonly OwnReplicas _replicas = new();
    RunningService _service = null!; // Started before any test runs.

    public async ValueTask InitializeAsync() => _service = await StartAsync(null);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    Task<RunningService> StartAsync(string? folder) =>
        RunningService.StartAsync(options => options with { Replicas = _replicas, Jobs = null }, folder);

    async Task<(int Status, string Version, byte[] Answer)> PredictAsync(string path, string body = Instances)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _service.Http.PostAsync(path, content);
        var version = response.Headers.TryGetValues("X-Capstan-Version", out var values) ? values.Single() : "";
        return ((int)response.StatusCode, version, await response.Content.ReadAsByteArrayAsync());
    }

    Task<JsonObject> DeployAsync(string model, string version, string rest = "") =>
        _service.DoAsync("POST", $"/v1beta/routes/{model}:deploy", $$"""{"version":"{{version}}"{{rest}}}""");

    static string SharesOf(JsonObject route) =>
        string.Join(" ", route["versions"]!.AsArray().Select(version => $"{version!["version"]}:{version["perMille"]}"));

    [Fact]
    public async Task What_is_deployed_answers_through_the_fleet_with_the_bytes_that_the_server_itself_answered()
    {
        await _service.WithModelAsync("default");
        string[] bodies =
        [
            Instances, """{"instances":[]}""", """{"instances":[{"trip_distance":"far","payment_type":"card"}]}""", "{", "{}",
            new JsonObject { ["httpBody"] = new JsonObject { ["data"] = Instances } }.ToJsonString(),
        ];
        string[] paths = [$"{Trips}:predict", $"{Trips}/versions/v1:predict", $"{Trips}:explain"];
        var calls = paths.SelectMany(path => bodies.Select(body => (Path: path, Body: body))).ToArray();
        var before = new List<(int Status, string Answer)>();
        foreach (var (path, body) in calls)
        {
            var (status, version, answer) = await PredictAsync(path, body);
            Assert.Equal("", version);
            before.Add((status, Encoding.UTF8.GetString(answer)));
        }

        Assert.Contains(before, each => each.Status == 200);
        Assert.Contains(before, each => each.Status == 400);
        Assert.Empty(_replicas.Started);
        await DeployAsync("trips", "v1");
        foreach (var ((path, body), (status, answer)) in calls.Zip(before))
        {
            var (found, version, bytes) = await PredictAsync(path, body);
            Assert.Equal((status, answer), (found, Encoding.UTF8.GetString(bytes)));
            Assert.Equal(status == 200 ? "v1" : "", version);
        }

        Assert.Single(_replicas.Running);
        Assert.Equal((200, "v1"), await Short(PredictAsync("/v1/models/trips:predict")));
    }

    [Fact]
    public async Task A_version_without_a_route_is_answered_by_the_server_itself()
    {
        await _service.WithModelAsync("default");
        await _service.WithVersionAsync("default", "v2");
        await DeployAsync("trips", "v1");
        Assert.Equal((200, ""), await Short(PredictAsync($"{Trips}/versions/v2:predict")));
        Assert.Empty(_replicas.Started);
        Assert.Equal((200, "v1"), await Short(PredictAsync($"{Trips}/versions/v1:predict")));
    }

    [Fact]
    public async Task Models_of_two_projects_with_one_name_have_routes_of_their_own()
    {
        await _service.WithModelAsync("default");
        await _service.WithModelAsync("rides");
        await DeployAsync("rides.trips", "v1");
        Assert.Equal((200, "v1"), await Short(PredictAsync("/v1/models/rides.trips:predict")));
        Assert.Equal((200, "v1"), await Short(PredictAsync("/v1/projects/rides/models/trips:predict")));
        Assert.Equal((200, ""), await Short(PredictAsync($"{Trips}:predict")));
        Assert.Equal(404, (await PredictAsync("/v1/models/trips:predict")).Status);

        // One model has one route: the usual project has no second name.
        Assert.Equal(404, (await _service.SendAsync("POST", "/v1beta/routes/default.trips:deploy", """{"version":"v1"}""")).Status);
    }

    [Fact]
    public async Task A_new_default_version_gets_all_traffic_and_what_is_deployed_is_not_deleted()
    {
        await _service.WithModelAsync("default");
        await _service.WithVersionAsync("default", "v2");
        await _service.DoAsync("POST", $"{Trips}/versions/v2:setDefault", "{}");
        Assert.Equal(404, (await _service.SendAsync("GET", "/v1beta/routes/trips")).Status);
        await DeployAsync("trips", "v1");
        await _service.DoAsync("POST", $"{Trips}/versions/v2:setDefault", "{}");
        Assert.Equal("v1:0 v2:1000", SharesOf(await _service.DoAsync("GET", "/v1beta/routes/trips")));
        await _service.DoAsync("PATCH", $"{Trips}?updateMask=defaultVersion.name", """{"defaultVersion":{"name":"v1"}}""");
        Assert.Equal("v1:1000 v2:0", SharesOf(await _service.DoAsync("GET", "/v1beta/routes/trips")));
        await _service.RefuseAsync(
            400, "PATCH", $"{Trips}?updateMask=defaultVersion.name", """{"defaultVersion":{"name":"projects/p/models/trips/versions/v1"}}""");
        var refusal = await _service.RefuseAsync(400, "DELETE", $"{Trips}/versions/v2");
        Assert.Contains("--undeploy v2", $"{refusal["message"]}");
        await _service.DoAsync("POST", "/v1beta/routes/trips:undeploy", """{"version":"v2"}""");
        await _service.DoAsync("DELETE", $"{Trips}/versions/v2");
    }

    [Fact]
    public async Task A_version_says_how_many_replicas_its_model_has()
    {
        await _service.WithModelAsync("default");
        await _service.DoAsync("PATCH", $"{Trips}/versions/v1?updateMask=autoScaling", """{"autoScaling":{"minNodes":1}}""");
        var scaling = (await DeployAsync("trips", "v1"))["scaling"]!;
        Assert.Equal((1, 4), ((int)scaling["minNodes"]!, (int)scaling["maxNodes"]!));
        await _service.DoAsync("PATCH", $"{Trips}/versions/v1?updateMask=autoScaling,manualScaling", """{"manualScaling":{"nodes":2}}""");
        scaling = (await _service.DoAsync("GET", "/v1beta/routes/trips"))["scaling"]!;
        Assert.Equal(2, (int)scaling["manualNodes"]!);
    }

    [Theory]
    [InlineData(404, "unknown_version", """{"version":"v9"}""")]
    [InlineData(404, "unknown_version", """{"version":"../models/trips/versions/v1"}""")]
    [InlineData(400, "folders_not_taken", """{"version":"v1","artifact":"/tmp"}""")]
    [InlineData(400, "invalid_body", """{"model":"v1"}""")]
    public async Task What_the_registry_does_not_have_is_not_deployed(int expected, string code, string body)
    {
        await _service.WithModelAsync("default");
        var (status, json) = await _service.SendAsync("POST", "/v1beta/routes/trips:deploy", body);
        Assert.Equal((expected, code), (status, $"{json["code"]}"));
    }

    [Fact]
    public async Task Routes_are_there_again_after_a_start()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-hosted-").FullName;
        await _service.DisposeAsync();
        _service = await StartAsync(folder);
        await _service.WithModelAsync("default");
        await DeployAsync("trips", "v1");
        var (_, _, before) = await PredictAsync($"{Trips}:predict");
        await _service.DisposeAsync();
        Assert.Empty(_replicas.Running);
        _service = await StartAsync(folder);
        var (status, version, after) = await PredictAsync($"{Trips}:predict");
        Assert.Equal((200, "v1"), (status, version));
        Assert.Equal(before, after);
        await _service.DisposeAsync();
        Folders.Remove(folder);
        _service = await StartAsync(null);
    }

    static async Task<(int Status, string Version)> Short(Task<(int Status, string Version, byte[] Answer)> asked)
    {
        var (status, version, _) = await asked;
        return (status, version);
    }

    [Fact]
    public async Task What_the_fleet_answers_is_counted_by_version_and_by_address()
    {
        await _service.WithModelAsync("default");
        await DeployAsync("trips", "v1");
        foreach (var path in (string[])[$"{Trips}:predict", "/v1/models/trips:predict"])
        {
            var (status, _, answer) = await PredictAsync(path);
            Assert.True(status == 200, Encoding.UTF8.GetString(answer));
        }

        // A request is over, and measured, after its answer.
        var metrics = "";
        await Waiting.UntilAsync("both are measured", async () =>
        {
            metrics = await _service.Http.GetStringAsync("/metrics");
            return metrics.Contains("capstan_request_duration_seconds_count{method=\"capstan.fleet\",status=\"200\"} 2", StringComparison.Ordinal);
        }, () => metrics);
        Assert.Contains("capstan_fleet_requests_total{model=\"trips\",version=\"v1\"} 2", metrics);
    }

    [Fact]
    public void A_refusal_of_the_fleet_says_when_to_come_again()
    {
        var response = new DefaultHttpContext().Response;
        (response.StatusCode, response.Headers.RetryAfter) = (503, "7");
        var refusal = HostedFleet.RefusalOf(response, """{"detail":"There is no place."}"""u8.ToArray());
        Assert.Equal((StatusCode.Unavailable, 7, "There is no place."), (refusal.Code, refusal.RetryAfterSeconds, refusal.Message));
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_come_again()
    {
        await using var service = await RunningService.StartAsync(options => options with { Quotas = Quotas.None with { CallsPerMinute = 0 }, Jobs = null });
        using var refused = await service.Http.GetAsync("/v1/projects/p/models");
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter?.Delta ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }
}

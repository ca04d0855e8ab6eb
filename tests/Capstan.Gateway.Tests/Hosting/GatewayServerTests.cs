using System.Buffers;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Capstan.Gateway.Tests.Fleet;
using Capstan.Serving;

namespace Capstan.Gateway.Tests.Hosting;

public sealed class GatewayServerTests : IAsyncLifetime
{
    const string Linear = "artifact-v1-2-linear";

    readonly string _home = Directory.CreateTempSubdirectory("capstan-gateway-").FullName;
    readonly OwnReplicas _host = new();
    GatewayServer _server = null!; // Started before any test runs.
    HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync();
        _client = new HttpClient { BaseAddress = _server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        Folders.Remove(_home);
    }

    Task<GatewayServer> StartAsync() => GatewayServer.StartAsync(
        new GatewayOptions { Home = _home, Replicas = _host, TakesFolders = true, HoldFor = Waiting.Patience },
        new PredictionServerOptions(), CancellationToken.None);

    static byte[] Body { get; } = MakeBody();

    static byte[] MakeBody()
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model("m", Linear).Inputs, 1, 1), 0, 1, body);
        return body.WrittenSpan.ToArray();
    }

    async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    async Task<JsonElement> DeployAsync(string? version = null, int? perMille = null, string artifact = Linear)
    {
        var (status, answer) = await SendAsync(
            HttpMethod.Post, "/v1beta/routes/m:deploy", new { version, artifact = GoldenArtifacts.At(artifact), trafficPerMille = perMille });
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        return answer;
    }

    async Task<(HttpStatusCode Status, string Version, string Answer)> AskAsync(string path = "/v1/models/m:predict")
    {
        using var response = await _client.PostAsync(path, new ByteArrayContent(Body));
        var version = response.Headers.TryGetValues("X-Capstan-Version", out var values) ? values.Single() : "";
        return (response.StatusCode, version, await response.Content.ReadAsStringAsync());
    }

    static string SharesOf(JsonElement route) => string.Join(" ", route.GetProperty("versions").EnumerateArray()
        .Select(version => $"{version.GetProperty("version")}:{version.GetProperty("perMille")}"));

    [Fact]
    public async Task A_first_version_takes_all_traffic_and_a_request_at_zero_is_answered()
    {
        Assert.Equal("v1:1000", SharesOf(await DeployAsync()));
        Assert.Empty(_host.Started);
        var (status, version, answer) = await AskAsync();
        Assert.True(status == HttpStatusCode.OK, answer);
        Assert.Equal("v1", version);
        await using var own = await PredictionServer.StartAsync(
            [GoldenArtifacts.Model("m", Linear)], new PredictionServerOptions(), CancellationToken.None);
        using var direct = await _client.PostAsync(new Uri(own.Url, "/v1/models/m:predict"), new ByteArrayContent(Body));
        Assert.Equal(await direct.Content.ReadAsStringAsync(), answer);
        Assert.Equal(answer, (await AskAsync("/v1/projects/p/models/m:predict")).Answer);
        Assert.Equal(answer, (await AskAsync("/v1/projects/p/models/m/versions/v1:predict")).Answer);
        Assert.Equal(1, (await SendAsync(HttpMethod.Get, "/v1beta/routes/m")).Answer.GetProperty("replicas").GetProperty("ready").GetInt32());
    }

    [Fact]
    public async Task Two_hundred_clients_from_zero_all_get_answers()
    {
        await DeployAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync()));
        Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.OK, answer.Answer));
    }

    [Fact]
    public async Task A_second_version_gets_its_share_at_once_and_a_rollback_takes_it_away()
    {
        await DeployAsync();
        await AskAsync();
        Assert.Equal("v1:900 v2:100", SharesOf(await DeployAsync("v2", 100)));
        var versions = new List<string>();
        for (var request = 0; request < 2000; request++)
        {
            versions.Add((await AskAsync()).Version);
        }

        Assert.InRange(versions.Count(version => version == "v2"), 125, 280); // 200; by chance beyond that less than once in a hundred million.
        Assert.Equal("v1:1000 v2:0", SharesOf((await SendAsync(HttpMethod.Post, "/v1beta/routes/m:rollback")).Answer));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync())), answer => Assert.Equal("v1", answer.Version));
        Assert.Equal(50, _server.Gateway.TrafficOf("m").Single().Requests);
    }

    [Fact]
    public async Task A_version_on_trial_goes_back_when_it_is_asked_other_than_what_it_was_trained_on()
    {
        await DeployAsync();
        var (status, route) = await SendAsync(HttpMethod.Post, "/v1beta/routes/m:deploy", new
        {
            version = "v2", artifact = GoldenArtifacts.At(Linear), trafficPerMille = 500, canary = new { version = "v2", maxInputSkew = 0.05 },
        });
        Assert.True(status == HttpStatusCode.OK, route.ToString());
        while (!route.TryGetProperty("lastRollback", out _))
        {
            // One row again and again is no sample of any training data.
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync())), answer => Assert.True(answer.Status == HttpStatusCode.OK, answer.Answer));
            route = (await SendAsync(HttpMethod.Get, "/v1beta/routes/m")).Answer;
        }

        Assert.Contains("trained on", route.GetProperty("lastRollback").GetString());
        Assert.Equal("v1:1000 v2:0", SharesOf(route));
        Assert.False(route.TryGetProperty("canary", out _));
    }

    [Fact]
    public async Task The_same_artifact_once_more_is_the_version_that_it_is()
    {
        await DeployAsync();
        Assert.Equal("v1:1000", SharesOf(await DeployAsync()));
        var (status, answer) = await SendAsync(
            HttpMethod.Post, "/v1beta/routes/m:deploy", new { version = "v1", artifact = GoldenArtifacts.At("artifact-v1-2-dnn") });
        Assert.Equal((HttpStatusCode.Conflict, "version_exists"), (status, answer.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("PUT", "/split", """{"shares":[{"version":"v9","perMille":1000}]}""", 409, "version_not_ready")]
    [InlineData("PUT", "/split", """{"shares":[{"version":"v1","perMille":10}]}""", 400, "invalid_route")]
    [InlineData("PUT", "/split", """{"shares":[{"version":"v1","perMille":1000}],"sticky":"me"}""", 400, "invalid_route")]
    [InlineData("PUT", "/split", """{"share":[]}""", 400, "invalid_body")]
    [InlineData("PUT", "/labels/stable", """{"version":"v9"}""", 409, "version_not_ready")]
    [InlineData("PUT", "/scaling", """{"minNodes":5,"maxNodes":2}""", 400, "invalid_route")]
    [InlineData("POST", ":deploy", """{"version":"v2"}""", 404, "unknown_version")]
    [InlineData("POST", ":deploy", """{"artifact":"/nowhere"}""", 409, "version_not_ready")]
    [InlineData("POST", ":undeploy", """{"version":"v1"}""", 409, "version_in_use")]
    [InlineData("POST", ":forget", "{}", 404, "unknown_address")]
    [InlineData("GET", ":rollback", null, 405, "wrong_method")]
    public async Task What_cannot_be_done_is_refused_and_nothing_changes(string method, string what, string? body, int status, string code)
    {
        await DeployAsync();
        var before = _server.Gateway.Routes.Current.ToJson();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1beta/routes/m{what}") { Content = body is null ? null : new StringContent(body) };
        using var response = await _client.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((status, code), ((int)response.StatusCode, answer.GetProperty("code").GetString()));
        Assert.Equal(before, _server.Gateway.Routes.Current.ToJson());
    }

    [Fact]
    public async Task A_model_without_a_route_is_not_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync()).Status);
        Assert.Equal("unknown_model", (await SendAsync(HttpMethod.Get, "/v1beta/routes/m")).Answer.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/healthz")).Status);
        Assert.Equal("unknown_address", (await SendAsync(HttpMethod.Get, "/nothing")).Answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_replica_that_broke_costs_nobody_an_answer()
    {
        await DeployAsync();
        await AskAsync();
        await _host.Started[0].BreakAsync();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync())), answer => Assert.True(answer.Status == HttpStatusCode.OK, answer.Answer));
        Assert.Equal(2, _host.Started.Count);
    }

    [Fact]
    public async Task Labels_move_and_a_version_that_nobody_needs_can_go()
    {
        await DeployAsync();
        await DeployAsync("v2", 0);
        await SendAsync(HttpMethod.Put, "/v1beta/routes/m/labels/canary", new { version = "v2" });
        Assert.Equal("v2", (await AskAsync("/v1/models/m/labels/canary:predict")).Version);
        Assert.Equal("version_in_use", (await SendAsync(HttpMethod.Post, "/v1beta/routes/m:undeploy", new { version = "v2" })).Answer.GetProperty("code").GetString());
        await SendAsync(HttpMethod.Put, "/v1beta/routes/m/labels/canary", new { version = "v1" });
        Assert.Equal("v1", (await AskAsync("/v1/models/m/labels/canary:predict")).Version);
        Assert.Equal("v1:1000", SharesOf((await SendAsync(HttpMethod.Post, "/v1beta/routes/m:undeploy", new { version = "v2" })).Answer));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("/v1/models/m/versions/v2:predict")).Status);
    }

    [Fact]
    public async Task A_gateway_that_starts_again_goes_on_where_it_was()
    {
        await DeployAsync();
        await DeployAsync("v2", 250);
        await SendAsync(HttpMethod.Put, "/v1beta/routes/m/scaling", new { maxNodes = 7 });
        await _server.DisposeAsync();
        Assert.Empty(_host.Running);
        _server = await StartAsync();
        _client.Dispose();
        _client = new HttpClient { BaseAddress = _server.Url };
        var route = (await SendAsync(HttpMethod.Get, "/v1beta/routes")).Answer.GetProperty("routes")[0];
        Assert.Equal("v1:750 v2:250", SharesOf(route));
        Assert.Equal(7, route.GetProperty("scaling").GetProperty("maxNodes").GetInt32());
        var (status, _, answer) = await AskAsync();
        Assert.True(status == HttpStatusCode.OK, answer);
    }

    [Fact]
    public async Task Outcomes_of_answers_compare_the_versions_that_gave_them()
    {
        await DeployAsync();
        await DeployAsync("v2", 500);
        for (var request = 0; request < 40; request++)
        {
            using var response = await _client.PostAsync("/v1/models/m:predict", new ByteArrayContent(Body));
            var id = response.Headers.GetValues("X-Request-Id").Single();
            var (status, answer) = await SendAsync(HttpMethod.Post, "/v1/models/m:recordOutcome", new { requestId = id, outcome = 1 });
            Assert.True(status == HttpStatusCode.OK, answer.ToString());
            Assert.Equal(response.Headers.GetValues("X-Capstan-Version").Single(), answer.GetProperty("version").GetString());
        }

        var versions = (await SendAsync(HttpMethod.Get, "/v1beta/routes/m/comparison")).Answer.GetProperty("versions").EnumerateArray().ToArray();
        Assert.Equal(40, versions.Sum(version => version.GetProperty("outcomes").GetInt32()));
        Assert.All(versions, version => Assert.True(version.GetProperty("meanLoss").GetProperty("value").GetDouble() > 0));
        Assert.Equal("unknown_answer", (await SendAsync(
            HttpMethod.Post, "/v1/models/m:recordOutcome", new { requestId = "never", outcome = 1 })).Answer.GetProperty("code").GetString());
        Assert.Equal("invalid_body", (await SendAsync(
            HttpMethod.Post, "/v1/models/m:recordOutcome", new { outcome = 1 })).Answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_callers_key_joins_its_outcome_with_its_latest_answer()
    {
        await DeployAsync();
        await DeployAsync("v2", 500);
        await SendAsync(HttpMethod.Put, "/v1beta/routes/m/split", new
        {
            shares = new[] { new { version = "v1", perMille = 500 }, new { version = "v2", perMille = 500 } }, sticky = "header:X-User",
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/m:predict") { Content = new ByteArrayContent(Body) };
        request.Headers.Add("X-User", "ann");
        using var response = await _client.SendAsync(request);
        var (_, answer) = await SendAsync(HttpMethod.Post, "/v1/models/m:recordOutcome", new { key = "ann", outcome = 0 });
        Assert.Equal(response.Headers.GetValues("X-Capstan-Version").Single(), answer.GetProperty("version").GetString());
    }
}

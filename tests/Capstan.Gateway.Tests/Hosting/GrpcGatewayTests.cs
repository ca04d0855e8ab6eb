using System.Buffers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Gateway.Tests.Fleet;
using Capstan.Serving;
using Grpc.Core;
using Grpc.Net.Client;
using Inference;

namespace Capstan.Gateway.Tests.Hosting;

/// <summary>The Open Inference Protocol over gRPC through a gateway, asked by a client that is made from the protocol's own description.</summary>
public sealed class GrpcGatewayTests : IAsyncLifetime
{
    const string Linear = "artifact-v1-2-linear";

    readonly string _home = Directory.CreateTempSubdirectory("capstan-gateway-").FullName;
    readonly OwnReplicas _host = new();
    GatewayServer _server = null!; // Set before any test runs.
    HttpClient _http = null!;
    GrpcChannel _channel = null!;
    GRPCInferenceService.GRPCInferenceServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await GatewayServer.StartAsync(
            new GatewayOptions { Home = _home, Replicas = _host, TakesFolders = true, HoldFor = Waiting.Patience },
            new PredictionServerOptions { GrpcPort = 0 }, CancellationToken.None);
        _http = new HttpClient { BaseAddress = _server.Url };
        _channel = GrpcChannel.ForAddress(_server.GrpcUrl!); // It was asked for.
        _client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
        await DeployAsync("v1", null);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _channel.Dispose();
        await _server.DisposeAsync();
        Folders.Remove(_home);
    }

    static string Body { get; } = MakeBody();

    static string MakeBody()
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Model("m", Linear).Examples, 0, 1, body);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }

    Task DeployAsync(string version, int? perMille) => _server.Gateway.Routes.DeployAsync(
        "m", new Deployment(version, GoldenArtifacts.At(Linear), perMille), CancellationToken.None);

    async Task<ModelInferRequest> RequestAsync() => InferRequests.Of(await _client.ModelMetadataAsync(new ModelMetadataRequest { Name = "m" }), Body);

    static async Task<string> VersionAsync(AsyncUnaryCall<ModelInferResponse> call)
    {
        await call;
        return (await call.ResponseHeadersAsync).GetValue("x-capstan-version")!; // Every answer has one.
    }

    [Fact]
    public async Task At_zero_a_call_is_held_and_gets_the_answer_that_http_gives()
    {
        Assert.Empty(_host.Started);
        var call = _client.ModelInferAsync(await RequestAsync());
        var answer = await call;
        using var response = await _http.PostAsync("/v1/models/m:predict", new StringContent(Body));
        var prediction = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions")[0];
        var expected = prediction.ValueKind == JsonValueKind.Number ? prediction : prediction.GetProperty("probability");
        Assert.Equal(expected.GetSingle(), Assert.Single(answer.Outputs[0].Contents.Fp32Contents));
        Assert.Equal("v1", answer.ModelVersion);
        Assert.Equal("v1", (await call.ResponseHeadersAsync).GetValue("x-capstan-version"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Single(_host.Started);
        Assert.True((await _client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        Assert.True((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "m", Version = "v1" })).Ready);
        Assert.Equal("capstan", (await _client.ServerMetadataAsync(new ServerMetadataRequest())).Name);
    }

    [Fact]
    public async Task Who_sticks_by_metadata_meets_the_same_version_as_over_http()
    {
        await DeployAsync("v2", 500);
        await _server.Gateway.Routes.SetSplitAsync(
            "m", new Split([new Share("v1", 500), new Share("v2", 500)], "header:X-User", []), null, CancellationToken.None);
        var request = await RequestAsync();
        var versions = new List<string>();
        for (var user = 0; user < 40; user++)
        {
            var version = await VersionAsync(_client.ModelInferAsync(request, new Metadata { { "x-user", $"user-{user}" } }));
            using var asked = new HttpRequestMessage(HttpMethod.Post, "/v1/models/m:predict") { Content = new StringContent(Body) };
            asked.Headers.Add("X-User", $"user-{user}");
            using var response = await _http.SendAsync(asked);
            Assert.Equal(response.Headers.GetValues("X-Capstan-Version").Single(), version);
            versions.Add(version);
        }

        Assert.InRange(versions.Count(version => version == "v2"), 5, 35);
        Assert.Equal(80, _server.Gateway.TrafficOf("m").Sum(version => version.Requests));
        Assert.Equal(0, _server.Gateway.TrafficOf("m").Sum(version => version.Failures));
        request.ModelVersion = "v2";
        Assert.Equal("v2", await VersionAsync(_client.ModelInferAsync(request)));
    }

    [Theory]
    [InlineData("vendor"), InlineData("riders"), InlineData("fare")]
    public async Task Who_sticks_by_a_field_meets_the_same_version_as_over_http(string field)
    {
        await DeployAsync("v2", 500);
        await _server.Gateway.Routes.SetSplitAsync(
            "m", new Split([new Share("v1", 500), new Share("v2", 500)], $"field:{field}", []), null, CancellationToken.None);
        var metadata = await _client.ModelMetadataAsync(new ModelMetadataRequest { Name = "m" });
        var versions = new List<string>();
        for (var user = 0; user < 40; user++)
        {
            var body = JsonNode.Parse(Body)!; // It is an object, as are its instances.
            body["instances"]![0]![field] = field == "vendor" ? $"Köln-{user}" : field == "riders" ? user - 7 : user + 0.1;
            using var response = await _http.PostAsync("/v1/models/m:predict", new StringContent(body.ToJsonString()));
            var call = _client.ModelInferAsync(InferRequests.Of(metadata, body.ToJsonString()));
            var version = await VersionAsync(call);
            Assert.Equal(response.Headers.GetValues("X-Capstan-Version").Single(), version);
            Assert.Equal(
                response.Headers.GetValues("X-Capstan-Key-Hash").Single(), (await call.ResponseHeadersAsync).GetValue("x-capstan-key-hash"));
            versions.Add(version);
        }

        Assert.InRange(versions.Count(version => version == "v2"), 1, 39);
    }

    [Fact]
    public async Task A_replica_that_broke_costs_nobody_an_answer()
    {
        var request = await RequestAsync();
        await _host.Started[0].BreakAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => Assert.NotEmpty((await _client.ModelInferAsync(request)).Outputs)));
        Assert.Equal(2, _host.Started.Count);
    }

    [Fact]
    public async Task What_is_wrong_has_its_status_and_its_code_wherever_it_is_found()
    {
        var request = await RequestAsync();
        var version = request.Clone();
        version.ModelVersion = "v9";
        await RefusesAsync(version, StatusCode.NotFound, "unknown_version"); // By the replica.
        var cut = request.Clone();
        cut.Inputs.RemoveAt(0);
        await RefusesAsync(cut, StatusCode.InvalidArgument, "missing_field");
        request.ModelName = "nobody";
        await RefusesAsync(request, StatusCode.NotFound, "unknown_model"); // By the gateway.
        Assert.Equal(0, _server.Gateway.TrafficOf("m").Sum(each => each.Failures));
    }

    [Fact]
    public async Task Nobody_is_held_for_longer_than_he_waits()
    {
        var request = await RequestAsync();
        await _server.Gateway.Routes.SetScalingAsync("m", new ScaleSettings { ManualNodes = 0 }, CancellationToken.None);
        var late = await Assert.ThrowsAsync<RpcException>(async () =>
            await _client.ModelInferAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/v1/models/m:predict") { Content = new StringContent(Body) };
        asked.Headers.Add("X-Capstan-Timeout-Ms", "200");
        using var response = await _http.SendAsync(asked);
        Assert.Equal("deadline_exceeded", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    async Task RefusesAsync(ModelInferRequest request, StatusCode status, string code)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(request));
        Assert.Equal((status, code), (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code")));
        Assert.NotEmpty(refusal.Status.Detail);
    }
}

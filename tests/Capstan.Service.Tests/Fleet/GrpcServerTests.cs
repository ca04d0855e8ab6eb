using System.Text;
using Capstan.Gateway.Tests.Fleet;
using Capstan.Gateway.Tests.Hosting;
using Grpc.Core;
using Grpc.Net.Client;
using Inference;
using GrpcStatus = Grpc.Core.StatusCode;

namespace Capstan.Service.Tests.Fleet;

/// <summary>The Open Inference Protocol over gRPC at a server that knows its callers, asked by a client that is made from the protocol's own description.</summary>
public sealed class GrpcServerTests : IAsyncLifetime
{
    const string Instances = $$"""{"instances":[{{TripsModel.Instance}}]}""";

    readonly OwnReplicas _replicas = new();
    readonly Dictionary<string, string> _keys = [];
    RunningService _service = null!; // Set before any test runs, as the others.
    GrpcChannel _channel = null!;
    GRPCInferenceService.GRPCInferenceServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync(options => options with
        {
            Access = new AccessOptions(), Quotas = Quotas.None, Jobs = null, Replicas = _replicas, GrpcPort = 0,
        });
        _channel = GrpcChannel.ForAddress(_service.Server.GrpcUrl!); // It was asked for.
        _client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
        await using (var access = await AccessAdministration.OpenAsync(_service.At("registry.db"), TimeProvider.System, CancellationToken.None))
        {
            foreach (var (who, project, role) in new[] { ("viewer", "p", "viewer"), ("predictor", "p", "predictor"), ("owner", "p", "owner"), ("stranger", "elsewhere", "owner") })
            {
                _keys[who] = (await access.CreateKeyAsync($"serviceAccount:{who}", null, CancellationToken.None)).Secret;
                await access.GrantAsync(project, $"serviceAccount:{who}", $"roles/ml.{role}", CancellationToken.None);
            }
        }

        await _service.WithModelAsync("p", _keys["owner"]);
        await _service.DoAsync("POST", "/v1beta/routes/p.trips:deploy", """{"version":"v1"}""", _keys["owner"]);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _service.DisposeAsync();
    }

    Metadata Bearer(string who) => new() { { "authorization", $"Bearer {_keys[who]}" } };

    Metadata Key(string who) => new() { { "x-goog-api-key", _keys[who] } };

    async Task<ModelInferRequest> RequestAsync() => InferRequests.Of(
        await _client.ModelMetadataAsync(new ModelMetadataRequest { Name = "p.trips" }, Key("viewer")), Instances);

    static async Task<(GrpcStatus Status, string? Code)> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.NotEmpty(refusal.Status.Detail);
        return (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code"));
    }

    [Fact]
    public async Task Whoever_may_predict_gets_over_grpc_what_http_answers()
    {
        var expected = (float)(await _service.DoAsync("POST", "/v1/models/p.trips:predict", Instances, _keys["predictor"]))["predictions"]![0]!;
        var request = await RequestAsync();
        foreach (var metadata in new[] { Bearer("predictor"), Key("predictor") })
        {
            var call = _client.ModelInferAsync(request, metadata);
            Assert.Equal(expected, Assert.Single((await call).Outputs[0].Contents.Fp32Contents));
            Assert.Equal("v1", (await call.ResponseHeadersAsync).GetValue("x-capstan-version"));
        }

        Assert.True((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "p.trips" }, Bearer("viewer"))).Ready);
        Assert.True((await _client.ServerReadyAsync(new ServerReadyRequest(), Bearer("stranger"))).Ready);
        Assert.Equal("capstan", (await _client.ServerMetadataAsync(new ServerMetadataRequest(), Bearer("stranger"))).Name);
        var route = await _service.DoAsync("GET", "/v1beta/routes/p.trips", null, _keys["viewer"]);
        Assert.Equal(3L, (long)route["versions"]![0]!["requests"]!); // One of them came over HTTP.
    }

    [Fact]
    public async Task Roles_hold_over_grpc_as_over_http()
    {
        var request = await RequestAsync();
        var ready = new ModelReadyRequest { Name = "p.trips" };
        Assert.Equal((GrpcStatus.Unauthenticated, "unauthenticated"), await RefusedAsync(_client.ModelInferAsync(request)));
        Assert.Equal((GrpcStatus.Unauthenticated, "unauthenticated"), await RefusedAsync(_client.ServerLiveAsync(new ServerLiveRequest())));
        Assert.Equal((GrpcStatus.Unauthenticated, "unauthenticated"), await RefusedAsync(_client.ModelReadyAsync(
            ready, new Metadata { { "authorization", "Bearer capstan_0000" } })));
        Assert.Equal((GrpcStatus.PermissionDenied, "permission_denied"), await RefusedAsync(_client.ModelInferAsync(request, Bearer("viewer"))));
        Assert.Equal((GrpcStatus.PermissionDenied, "permission_denied"), await RefusedAsync(_client.ModelInferAsync(request, Key("stranger"))));
        Assert.Equal((GrpcStatus.PermissionDenied, "permission_denied"), await RefusedAsync(_client.ModelReadyAsync(ready, Key("stranger"))));

        var (_, audit) = await _service.SendAsync("GET", "/v1beta/projects/p/auditEntries?pageSize=1000", key: _keys["owner"]);
        Assert.Contains(audit["auditEntries"]!.AsArray(), each => $"{each!["member"]} {each["outcome"]}" == "serviceAccount:viewer PERMISSION_DENIED");
    }

    [Fact]
    public async Task What_is_not_there_is_refused_in_the_words_of_grpc_and_names_no_other_model()
    {
        var request = await RequestAsync();
        request.ModelName = "p.nobody";
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(request, Bearer("owner")));
        Assert.Equal((GrpcStatus.NotFound, "not_found"), (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code")));
        Assert.DoesNotContain("p.trips", refusal.Status.Detail);
        request.ModelName = "";
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(request, Bearer("stranger")));
        Assert.Equal((GrpcStatus.NotFound, "unknown_model"), (refusal.StatusCode, refusal.Trailers.GetValue("x-capstan-code")));
        Assert.DoesNotContain("p.trips", refusal.Status.Detail);
        request.ModelName = new string('x', 100_000);
        Assert.Equal((GrpcStatus.NotFound, "unknown_model"), await RefusedAsync(_client.ModelInferAsync(request, Bearer("owner"))));
        request.ModelName = "p.trips";
        request.Inputs.RemoveAt(0);
        Assert.Equal((GrpcStatus.InvalidArgument, "missing_field"), await RefusedAsync(_client.ModelInferAsync(request, Bearer("predictor"))));
        var tooLarge = new ModelInferRequest { ModelName = "p.trips", Id = new string('x', 2 << 20) };
        Assert.Equal((GrpcStatus.ResourceExhausted, "body_too_large"), await RefusedAsync(_client.ModelInferAsync(tooLarge, Bearer("predictor"))));
    }

    [Theory]
    [InlineData("/v1/models/p.trips:predict")]
    [InlineData("/v1beta/routes/p.trips:rollback")]
    [InlineData("/v1/projects/p/models/trips:predict")]
    [InlineData("/inference.GRPCInferenceService/ModelSteal")]
    public async Task Nothing_else_is_reached_by_saying_that_it_is_grpc(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(Instances, Encoding.UTF8, "application/grpc") };
        request.Headers.Add("X-Goog-Api-Key", _keys["stranger"]);
        using var answer = await _service.Http.SendAsync(request);
        Assert.Equal("12", Assert.Single(answer.Headers.GetValues("grpc-status"))); // UNIMPLEMENTED
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Without_replicas_there_is_nothing_to_answer_over_grpc() => await Assert.ThrowsAsync<ServiceSetupException>(
        () => RunningService.StartAsync(options => options with { Jobs = null, GrpcPort = 0 }));
}

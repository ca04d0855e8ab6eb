using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Discovery;

public sealed class DocumentTests
{
    [Fact]
    public void The_surface_is_all_of_ml_v1()
    {
        Assert.Equal((46, 86), (ApiSurface.V1.Methods.Count, ApiSurface.V1.Messages.Count()));
        Assert.All(ApiSurface.V1Beta.Methods, method => Assert.StartsWith("v1beta/", method.Path));
    }

    [Fact]
    public async Task Both_addresses_serve_the_same_document_with_this_servers_address()
    {
        await using var service = await RunningService.StartAsync();
        var one = await service.DoAsync("GET", "/discovery/v1/apis/ml/v1/rest");
        var other = await service.DoAsync("GET", "/$discovery/rest?version=v1");
        Assert.Equal(one.ToJsonString(), other.ToJsonString());
        Assert.Equal($"{service.Server.Url}", $"{one["rootUrl"]}");
        Assert.Equal(86, one["schemas"]!.AsObject().Count);
        Assert.Equal(8, one["schemas"]!["GoogleCloudMlV1__Job"]!["properties"]!["state"]!["enum"]!.AsArray().Count);
    }

    [Fact]
    public async Task Every_reference_of_the_documents_leads_somewhere()
    {
        await using var service = await RunningService.StartAsync();
        var discovery = await service.DoAsync("GET", "/discovery/v1/apis/ml/v1beta/rest");
        Assert.All(References(discovery), reference => Assert.NotNull(discovery["schemas"]![reference]));
        var open = await service.DoAsync("GET", "/openapi.json");
        Assert.Equal(ApiSurface.V1.Methods.Count + ApiSurface.V1Beta.Methods.Count, open["paths"]!.AsObject().Sum(path => path.Value!.AsObject().Count));
        Assert.All(References(open), reference => Assert.NotNull(open["components"]!["schemas"]![reference["#/components/schemas/".Length..]]));
    }

    [Fact]
    public async Task Health_metrics_and_readiness_are_told_to_everybody()
    {
        await using var service = await RunningService.StartAsync(options => options with { Access = new AccessOptions() });
        Assert.Equal("ok", $"{(await service.DoAsync("GET", "/healthz"))["status"]}");
        Assert.Equal("ready", $"{(await service.DoAsync("GET", "/readyz"))["status"]}");
        await service.SendAsync("GET", "/v1/projects/p/models");
        Assert.Contains("capstan_request_duration_seconds_count{method=\"ml.projects.models.list\",status=\"401\"} 1", await service.Http.GetStringAsync("/metrics"));
    }

    static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject inner => inner.SelectMany(member => member is { Key: "$ref", Value: JsonValue value } ? [$"{value}"] : References(member.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}

using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Resources;

/// <summary>What <c>/v1beta</c> has beyond <c>ml/v1</c>: data sets with their statistics, and alerts.</summary>
public sealed class DatasetTests
{
    [Fact]
    public async Task Data_that_versions_were_trained_on_is_known_by_its_fingerprint_with_statistics()
    {
        await using var service = await RunningService.StartAsync();
        await service.WithModelAsync("p");
        await service.WithVersionAsync("p", "v2");
        var lineage = await service.DoAsync("GET", "/v1beta/projects/p/models/trips/versions/v1:getLineage");
        var listed = Assert.Single((await service.DoAsync("GET", "/v1beta/projects/p/datasets"))["datasets"]!.AsArray())!;
        Assert.Equal($"projects/p/datasets/{$"{lineage["dataFingerprint"]}".Replace(':', '_')}", $"{listed["name"]}");
        var dataset = await service.DoAsync("GET", $"/v1beta/{listed["name"]}");
        Assert.Equal(["projects/p/models/trips/versions/v2", "projects/p/models/trips/versions/v1"], dataset["versions"]!.AsArray().Select(each => $"{each}"));
        Assert.Equal("600", $"{dataset["rows"]}");
        var statistics = await service.DoAsync("GET", $"/v1beta/{listed["name"]}:getStatistics");
        var distance = statistics["columns"]!.AsArray().Single(column => $"{column!["name"]}" == "trip_distance")!;
        Assert.InRange(long.Parse($"{distance["missing"]}"), 0, 599);
        Assert.InRange((double)distance["figures"]!["mean"]!, 0.1, 50);
        var ofVersion = await service.DoAsync("GET", "/v1beta/projects/p/models/trips/versions/v1:getStatistics");
        Assert.Equal(distance.ToJsonString(), ofVersion["columns"]!.AsArray().Single(column => $"{column!["name"]}" == "trip_distance")!.ToJsonString());

        var patched = await service.DoAsync("PATCH", $"/v1beta/{listed["name"]}?updateMask=description,labels", """{"description":"summer","labels":{"team":"rides"}}""");
        Assert.Equal("summer", $"{patched["description"]}");
        Assert.Single((await service.DoAsync("GET", "/v1beta/projects/p/datasets?filter=labels.team:rides"))["datasets"]!.AsArray());
        await service.DoAsync("DELETE", "/v1/projects/p/models/trips/versions/v2");
        Assert.Single((await service.DoAsync("GET", $"/v1beta/{listed["name"]}"))["versions"]!.AsArray());
        await service.RefuseAsync(404, "GET", "/v1beta/projects/other/datasets/1234:getStatistics");
    }

    [Fact]
    public async Task Alerts_are_raised_found_by_state_acknowledged_and_resolved()
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", "/v1beta/projects/p/alerts",
            """{"name":"skew_1","kind":"SKEW","severity":"WARNING","resource":"projects/p/models/m","message":"trip_distance: mean 2.1 → 3.4","details":{"column":"trip_distance"}}""");
        await service.RefuseAsync(409, "POST", "/v1beta/projects/p/alerts", """{"name":"skew_1"}""");
        Assert.Single((await service.DoAsync("GET", "/v1beta/projects/p/alerts?filter=state:OPEN"))["alerts"]!.AsArray());
        var known = await service.DoAsync("PATCH", "/v1beta/projects/p/alerts/skew_1?updateMask=state", """{"state":"ACKNOWLEDGED"}""");
        Assert.Equal(("ACKNOWLEDGED", null), ($"{known["state"]}", (string?)known["endTime"]));
        Assert.Equal("{}", (await service.DoAsync("GET", "/v1beta/projects/p/alerts?filter=state:OPEN")).ToJsonString());
        var resolved = await service.DoAsync("PATCH", "/v1beta/projects/p/alerts/skew_1?updateMask=state", $$"""{"state":"RESOLVED","etag":"{{known["etag"]}}"}""");
        Assert.NotNull(resolved["endTime"]);
        await service.RefuseAsync(409, "PATCH", "/v1beta/projects/p/alerts/skew_1?updateMask=state", $$"""{"state":"OPEN","etag":"{{known["etag"]}}"}""");
        await service.RefuseAsync(400, "PATCH", "/v1beta/projects/p/alerts/skew_1?updateMask=state", """{"state":"LOUD"}""");
        await service.DoAsync("DELETE", "/v1beta/projects/p/alerts/skew_1");
        await service.RefuseAsync(404, "GET", "/v1beta/projects/p/alerts/skew_1");
    }
}

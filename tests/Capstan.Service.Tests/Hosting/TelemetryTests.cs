using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Hosting;

public sealed class TelemetryTests
{
    const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    const string SpanId = "b7ad6b7169203331";

    static HttpRequestMessage Traced(HttpMethod method, string path) =>
        new(method, path) { Headers = { { "traceparent", $"00-{TraceId}-{SpanId}-01" } } };

    [Fact]
    public async Task Traces_and_metrics_reach_a_collector_of_OpenTelemetry()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var folder = Directory.CreateTempSubdirectory("capstan-telemetry-");
        await using (var server = await ServerProcess.StartAsync(folder.FullName, "--otlp", collector.Url))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            using var request = Traced(HttpMethod.Get, "/v1/projects/p/models");
            (await http.SendAsync(request)).EnsureSuccessStatusCode();
            await EndAsync(server);
        }

        Assert.Contains(collector.Spans, span => (span.Name, span.Trace, span.Parent) == ("ml.projects.models.list", TraceId, SpanId));
        Assert.Contains("capstan.request.duration", collector.Metrics);
        folder.Remove();
    }

    [Fact]
    public async Task One_trace_leads_from_a_request_that_makes_a_job_to_the_steps_of_its_workers()
    {
        const string Network = """{"name":"fares","label":"fare_amount","estimator":{"kind":"DnnRegressor","hiddenUnits":[8],"epochs":4,"batchSize":64},"seed":3}""";
        await using var collector = await OtlpCollector.StartAsync();
        var folder = Directory.CreateTempSubdirectory("capstan-telemetry-");
        await using (var server = await ServerProcess.StartAsync(folder.FullName, "--otlp", collector.Url, "--pool", "local:16"))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            using var request = Traced(HttpMethod.Post, "/v1beta/projects/p/jobs");
            request.Content = JsonContent.Create(JsonNode.Parse(
                $$"""{"jobId":"j1","trainingInput":{"scaleTier":"CUSTOM","masterType":"standard","workerCount":"2","workerType":"standard","parameterServerCount":"1","parameterServerType":"standard","pipeline":{{Network}},"dataUris":["{{await TripsModel.DataAsync()}}"]} }"""));
            using var made = await http.SendAsync(request);
            made.EnsureSuccessStatusCode();
            Assert.DoesNotContain(TraceId, await made.Content.ReadAsStringAsync());
            string state;
            do
            {
                await Task.Delay(50);
                var job = (await http.GetFromJsonAsync<JsonNode>("/v1/projects/p/jobs/j1"))!;
                state = $"{job["state"]}";
                Assert.False(state is "FAILED" or "CANCELLED", $"{job}");
                Assert.DoesNotContain(TraceId, $"{job}");
            }
            while (state != "SUCCEEDED");
            await EndAsync(server);
        }

        // Members send what they have left when they end, which the job's end does not wait for.
        while (!collector.WaysUpFrom("step").Any(way => way.Above == SpanId))
        {
            await Task.Delay(50);
        }

        var way = collector.WaysUpFrom("step").First(way => way.Above == SpanId);
        Assert.Equal(["step", "job worker", "run job", "ml.projects.jobs.submit"], way.Names);
        Assert.Equal(TraceId, way.Trace);
        folder.Remove();
    }

    /// <summary>Told to end, a server sends what it has not sent yet.</summary>
    static async Task EndAsync(ServerProcess server)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{server.Process.Id}"]);
        await server.Process.WaitForExitAsync();
    }
}

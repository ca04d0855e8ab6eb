using Capstan.Service.Tests;

namespace Capstan.Cluster.Tests;

public sealed class TracesTests
{
    const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task Spans_and_metrics_of_all_members_reach_a_collector_below_the_span_of_whoever_submitted_the_job()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var line = new CommandLine();
        await line.RunAsync("simulate trips --rows 3000 trips.csv");
        await File.WriteAllTextAsync(
            line.At("p.json"), """{ "name": "fares", "label": "fare_amount", "estimator": { "kind": "DnnRegressor", "hiddenUnits": [8], "epochs": 4 } }""");

        await line.RunAsync("train p.json --data trips.csv --out shared --workers 2 --parameter-servers 1",
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("TRACEPARENT", $"00-{TraceId}-b7ad6b7169203331-01"),
        ]);

        string[] spans = ["submit train", "job coordinator", "job worker", "data part", "step", "pull", "push", "checkpoint"];
        string[] metrics = ["capstan.parameters.push.duration", "capstan.parameters.received", "capstan.node.parts", "capstan.cluster.nodes"];
        // Those of a member come when they end, and members end when the job does.
        await TestCluster.UntilAsync("all of it is sent", () => Task.FromResult(
            spans.All(name => collector.Spans.Any(span => span.Name == name))
            && metrics.All(metric => collector.Metrics.Contains(metric, StringComparison.Ordinal))));
        Assert.Contains(collector.Spans, span => (span.Name, span.Trace) == ("job worker", TraceId));
    }
}

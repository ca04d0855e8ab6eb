using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Tests;

public sealed class TracesTests
{
    const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>A collector that keeps what it is sent; names and texts stand in OTLP's messages as they are.</summary>
    [Fact]
    public async Task Spans_and_metrics_of_all_members_reach_a_collector_below_the_span_of_whoever_submitted_the_job()
    {
        var received = new ConcurrentBag<(string Path, string Body)>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Add((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync();
        using var line = new CommandLine();
        await line.RunAsync("simulate trips --rows 3000 trips.csv");
        await File.WriteAllTextAsync(
            line.At("p.json"), """{ "name": "fares", "label": "fare_amount", "estimator": { "kind": "DnnRegressor", "hiddenUnits": [8], "epochs": 4 } }""");

        await line.RunAsync("train p.json --data trips.csv --out shared --workers 2 --parameter-servers 1",
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.First()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("TRACEPARENT", $"00-{TraceId}-b7ad6b7169203331-01"),
        ]);

        string[] spans = ["submit train", "job coordinator", "job worker", "data part", "step", "pull", "push", "checkpoint"];
        string[] metrics = ["capstan.parameters.push.duration", "capstan.parameters.received", "capstan.node.parts", "capstan.cluster.nodes"];
        // Those of a member come when they end, and members end when the job does.
        await TestCluster.UntilAsync("all of it is sent", () => Task.FromResult(
            spans.All(span => TextOf("/v1/traces").Contains($"{(char)span.Length}{span}", StringComparison.Ordinal))
            && metrics.All(metric => TextOf("/v1/metrics").Contains(metric, StringComparison.Ordinal))));
        var trace = Encoding.Latin1.GetString(Convert.FromHexString(TraceId));
        Assert.Contains(received, each => each.Body.Contains("job worker", StringComparison.Ordinal) && each.Body.Contains(trace, StringComparison.Ordinal));

        string TextOf(string path) => string.Concat(received.Where(each => each.Path == path).Select(each => each.Body));
    }
}

using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;

namespace Capstan.Cluster.Tests.Observability;

public sealed class MetricsTextTests
{
    // A name of their own keeps what other tests measure out of the text.
    readonly string _name = $"Test.{Guid.NewGuid():N}";

    [Fact]
    public void Instruments_become_what_Prometheus_reads()
    {
        using var text = new MetricsText(_name);
        using var meter = new Meter(_name);
        var bytes = meter.CreateCounter<long>("app.sent", "By", "What was sent.");
        bytes.Add(3);
        bytes.Add(4);
        meter.CreateObservableGauge("app.nodes", () => 5, "{node}");
        var parts = meter.CreateUpDownCounter<long>("app.parts");
        parts.Add(2, new KeyValuePair<string, object?>("part.kind", "a \"b\" \\ c"));
        parts.Add(-1, new KeyValuePair<string, object?>("part.kind", "a \"b\" \\ c"));

        Assert.Equal(
            """
            # TYPE app_nodes gauge
            app_nodes 5
            # TYPE app_parts gauge
            app_parts{part_kind="a \"b\" \\ c"} 1
            # HELP app_sent_bytes_total What was sent.
            # TYPE app_sent_bytes_total counter
            app_sent_bytes_total 7

            """.ReplaceLineEndings("\n"),
            text.Write());
        // What is observed is not added to what was observed before.
        Assert.Contains("app_nodes 5\n", text.Write());
    }

    [Fact]
    public void Histograms_count_up_to_each_bound()
    {
        using var text = new MetricsText(_name);
        using var meter = new Meter(_name);
        var seconds = meter.CreateHistogram<double>("app.pull", "s");
        foreach (var value in new[] { 0.0002, 0.0003, 0.2, 1000 })
        {
            seconds.Record(value, new KeyValuePair<string, object?>("shard", 1));
        }

        var lines = text.Write().Split('\n');
        Assert.Equal("# TYPE app_pull_seconds histogram", lines[0]);
        Assert.Contains("app_pull_seconds_bucket{shard=\"1\",le=\"0.0001\"} 0", lines);
        Assert.Contains("app_pull_seconds_bucket{shard=\"1\",le=\"0.0003\"} 2", lines);
        Assert.Contains("app_pull_seconds_bucket{shard=\"1\",le=\"0.3\"} 3", lines);
        Assert.Contains("app_pull_seconds_bucket{shard=\"1\",le=\"+Inf\"} 4", lines);
        Assert.Contains("app_pull_seconds_sum{shard=\"1\"} 1000.2005", lines);
        Assert.Contains("app_pull_seconds_count{shard=\"1\"} 4", lines);
    }

    [Fact]
    public void Meters_of_others_are_not_listened_to()
    {
        using var text = new MetricsText(_name);
        using var meter = new Meter("Other");
        meter.CreateCounter<long>("other.count").Add(1);

        Assert.Equal("", text.Write());
    }

    [Fact]
    public async Task A_node_tells_what_it_measures_and_nothing_else()
    {
        await using var metrics = MetricsEndpoint.Start(IPAddress.Loopback, 0);
        await using var cluster = new TestCluster();
        await cluster.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri($"http://{metrics.Place}") };

        var text = "";
        await TestCluster.UntilAsync("the node has joined and reported", async () =>
        {
            text = await client.GetStringAsync("/metrics");
            return text.Contains("capstan_cluster_joins_total") && Regex.IsMatch(text, "capstan_node_report_duration_seconds_count [1-9]");
        });
        Assert.DoesNotContain(cluster.Token.Text, text);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused()
    {
        await using var first = MetricsEndpoint.Start(IPAddress.Loopback, 0);

        Assert.Contains("Name another port", Assert.Throws<ArgumentException>(
            () => MetricsEndpoint.Start(IPAddress.Loopback, first.Place.Port)).Message);
    }
}

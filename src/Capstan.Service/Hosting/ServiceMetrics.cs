using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// Counts and durations of requests, in the text that Prometheus reads and as a meter of .NET's; and the source of traces.
/// Thread-safe.
/// </summary>
sealed class ServiceMetrics
{
    /// <summary>What OpenTelemetry or any other listener of .NET subscribes to: traces and measurements alike.</summary>
    const string Source = "Capstan.Service";

    const string RequestDuration = "capstan_request_duration_seconds";

    static readonly Meter Measures = new(Source);
    static readonly Histogram<double> Durations = Measures.CreateHistogram<double>(
        "capstan.request.duration", "s", "From a request's arrival to its answer.");

    // Seconds: from a get out of memory to a request that waits for a lock.
    static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

    readonly ConcurrentDictionary<(string Method, int Status), Distribution> _durations = new();

    public static ActivitySource Activities { get; } = new(Source);

    /// <summary>The span of a job's process, below that of the request that made the job.</summary>
    /// <returns>Null: nobody listens.</returns>
    public static Activity? StartJob(JobOrder order)
    {
        _ = ActivityContext.TryParse(order.Trace, null, isRemote: true, out var request);
        return Activities.StartActivity("run job", ActivityKind.Consumer, request)?.SetTag("job", order.Job);
    }

    public void Add(string method, int status, TimeSpan duration)
    {
        _durations.GetOrAdd((method, status), _ => new Distribution(Bounds)).Add(duration.TotalSeconds);
        Durations.Record(duration.TotalSeconds, new("rpc.method", method), new("http.response.status_code", status));
    }

    /// <param name="others">What is counted elsewhere, such as jobs by state: name, labels, value. A name that ends in
    /// <c>_total</c> is a counter's, others are gauges'.</param>
    public string Write(IEnumerable<(string Name, string Labels, double Value)> others)
    {
        var text = new PrometheusText();
        text.Begin(RequestDuration, "histogram");
        foreach (var ((method, status), durations) in _durations.OrderBy(each => each.Key))
        {
            text.Add(RequestDuration, $"method=\"{method}\",status=\"{status}\"", durations);
        }

        foreach (var group in others.GroupBy(other => other.Name))
        {
            text.Begin(group.Key, group.Key.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge");
            foreach (var (name, labels, value) in group)
            {
                text.Add(name, labels, value);
            }
        }

        return text.ToString();
    }
}

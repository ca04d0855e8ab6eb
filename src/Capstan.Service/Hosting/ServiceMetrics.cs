using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Capstan.Service;

/// <summary>
/// Counts and durations of requests, in the text that Prometheus reads and as a meter of .NET's; and the source of traces.
/// Thread-safe.
/// </summary>
sealed class ServiceMetrics
{
    /// <summary>What OpenTelemetry or any other listener of .NET subscribes to: traces and measurements alike.</summary>
    const string Source = "Capstan.Service";

    static readonly Meter Measures = new(Source);
    static readonly Histogram<double> Durations = Measures.CreateHistogram<double>(
        "capstan.request.duration", "s", "From a request's arrival to its answer.");

    // Seconds: from a get out of memory to a request that waits for a lock.
    static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

    readonly ConcurrentDictionary<(string Method, int Status), Series> _series = new();

    public static ActivitySource Activities { get; } = new(Source);

    public void Add(string method, int status, TimeSpan duration)
    {
        _series.GetOrAdd((method, status), _ => new Series()).Add(duration.TotalSeconds);
        Durations.Record(duration.TotalSeconds, new("rpc.method", method), new("http.response.status_code", status));
    }

    /// <param name="others">What is counted elsewhere, such as jobs by state: name, labels, value. A name that ends in
    /// <c>_total</c> is a counter's, others are gauges'.</param>
    public string Write(IEnumerable<(string Name, string Labels, double Value)> others)
    {
        var text = new StringBuilder();
        text.Append("# TYPE capstan_request_duration_seconds histogram\n");
        foreach (var ((method, status), series) in _series.OrderBy(each => each.Key))
        {
            var labels = $"method=\"{method}\",status=\"{status}\"";
            var total = 0L;
            for (var index = 0; index < Bounds.Length; index++)
            {
                total += series.CountOf(index);
                text.Append(CultureInfo.InvariantCulture,
                    $"capstan_request_duration_seconds_bucket{{{labels},le=\"{Bounds[index]}\"}} {total}\n");
            }

            total += series.CountOf(Bounds.Length);
            text.Append(CultureInfo.InvariantCulture,
                $"capstan_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {total}\n");
            text.Append(CultureInfo.InvariantCulture, $"capstan_request_duration_seconds_sum{{{labels}}} {series.Sum}\n");
            text.Append(CultureInfo.InvariantCulture, $"capstan_request_duration_seconds_count{{{labels}}} {total}\n");
        }

        foreach (var group in others.GroupBy(other => other.Name))
        {
            var type = group.Key.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge";
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} {type}\n");
            foreach (var (name, labels, value) in group)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");
            }
        }

        return text.ToString();
    }

    sealed class Series
    {
        readonly long[] _counts = new long[Bounds.Length + 1];
        double _sum;

        public double Sum => Volatile.Read(ref _sum);

        public long CountOf(int bucket) => Interlocked.Read(ref _counts[bucket]);

        public void Add(double seconds)
        {
            var bucket = Array.FindIndex(Bounds, bound => seconds <= bound);
            Interlocked.Increment(ref _counts[bucket < 0 ? Bounds.Length : bucket]);
            var sum = _sum;
            while (Interlocked.CompareExchange(ref _sum, sum + seconds, sum) is var found && found != sum)
            {
                sum = found;
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>
/// What the meters of this process have measured, in the text that Prometheus reads (exposition format 0.0.4). Listens from its making to its
/// disposal; thread-safe.
/// </summary>
/// <remarks>
/// Names as OpenTelemetry's specification maps them (Prometheus and OpenMetrics compatibility): dots become underscores, the unit is
/// appended, counters end in <c>_total</c>.
/// </remarks>
sealed class MetricsText : IDisposable
{
    // Bounds of histograms in seconds: from a message on loopback to a tree of many rows.
    static readonly double[] Seconds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

    // And in anything that is counted: a staleness in batches, say.
    static readonly double[] Counts = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 1000];

    readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    readonly MeterListener _listener = new();

    /// <param name="meters">Which meters: all whose names begin so.</param>
    public MetricsText(string meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(meters, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new PrometheusText();
        foreach (var group in _series.OrderBy(series => Name(series.Key.Instrument), StringComparer.Ordinal)
            .ThenBy(series => series.Key.Labels, StringComparer.Ordinal).GroupBy(series => Name(series.Key.Instrument)))
        {
            var instrument = group.First().Key.Instrument;
            text.Begin(group.Key, KindOf(instrument), instrument.Description);
            foreach (var (key, series) in group)
            {
                series.Write(text, group.Key, key.Labels);
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kind = KindOf(instrument);
        var series = _series.GetOrAdd((instrument, Labels(tags)), _ => new Series(
            kind != "histogram" ? null : new Distribution(instrument.Unit == "s" ? Seconds : Counts)));
        // What is observed is told whole each time; what happens is told bit by bit.
        series.Take(value, isWhole: instrument.IsObservable || instrument is Gauge<long> or Gauge<int> or Gauge<double>);
    }

    static string KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Histogram<>) ? "histogram"
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? "counter"
            // What goes up and down is told by its changes, which are summed up.
            : "gauge";
    }

    static string Name(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return instrument.Name.Replace('.', '_') + unit + (KindOf(instrument) == "counter" ? "_total" : "");
    }

    static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var written = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length > 0 ? "," : "").Append(name.Replace('.', '_')).Append("=\"")
                .Append(written.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }

        return text.ToString();
    }

    /// <summary>One instrument's measurements with the same labels: how they are distributed, or a single number.</summary>
    sealed class Series(Distribution? distribution)
    {
        readonly Lock _gate = new();
        double _number;

        public void Take(double value, bool isWhole)
        {
            if (distribution is not null)
            {
                distribution.Add(value);
                return;
            }

            lock (_gate)
            {
                _number = isWhole ? value : _number + value;
            }
        }

        public void Write(PrometheusText text, string name, string labels)
        {
            if (distribution is not null)
            {
                text.Add(name, labels, distribution);
                return;
            }

            lock (_gate)
            {
                text.Add(name, labels, _number);
            }
        }
    }
}

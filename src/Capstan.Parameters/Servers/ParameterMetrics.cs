using System.Diagnostics.Metrics;

namespace Capstan.Parameters;

/// <summary>What parameter servers and workers count and time, for whoever listens to the meter "Capstan.Parameters".</summary>
static class ParameterMetrics
{
    static readonly Meter Meter = new("Capstan.Parameters");

    /// <summary>Spans: checkpoints, and pieces of a worker's work with their pulls and pushes, as often as <see cref="SpanPace"/> lets them be.</summary>
    public static System.Diagnostics.ActivitySource Activities { get; } = new("Capstan.Parameters");

    /// <summary>Seconds from the request to the last byte, at the worker: waiting for a version included.</summary>
    public static readonly Histogram<double> PullSeconds = Meter.CreateHistogram<double>("capstan.parameters.pull.duration", "s");

    /// <summary>Seconds until all shards have acknowledged, at the worker.</summary>
    public static readonly Histogram<double> PushSeconds = Meter.CreateHistogram<double>("capstan.parameters.push.duration", "s");

    /// <summary>Seconds between asking for work and having it, at the worker.</summary>
    public static readonly Histogram<double> WaitSeconds = Meter.CreateHistogram<double>("capstan.parameters.wait.duration", "s");

    public static readonly Counter<long> BytesSent = Meter.CreateCounter<long>("capstan.parameters.sent", "By");

    public static readonly Counter<long> BytesReceived = Meter.CreateCounter<long>("capstan.parameters.received", "By");

    /// <summary>How many batches others had handed in between a pull and the push computed from it, at the first shard.</summary>
    public static readonly Histogram<long> Staleness = Meter.CreateHistogram<long>("capstan.parameters.staleness", "{batch}");

    /// <summary>Pieces of work that were late, and given to another worker, too.</summary>
    public static readonly Counter<long> Stragglers = Meter.CreateCounter<long>("capstan.parameters.stragglers", "{lease}");

    /// <summary>Pushes that had been taken in before.</summary>
    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("capstan.parameters.duplicates", "{push}");

    /// <summary>Connections dropped for what came by them.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("capstan.parameters.refused", "{connection}");
}

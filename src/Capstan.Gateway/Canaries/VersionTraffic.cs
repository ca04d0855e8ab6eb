namespace Capstan.Gateway;

/// <summary>What the gateway saw of a version: how many requests, how many failed, how long they took.</summary>
public sealed class VersionTraffic(string version)
{
    public string Version { get; } = version;

    public long Requests { get; private set; }

    /// <summary>Answers of 500 and above, and none at all.</summary>
    public long Failures { get; private set; }

    public LatencyCounts Latencies { get; } = new();

    public void Add(bool failed, TimeSpan latency)
    {
        Requests++;
        Failures += failed ? 1 : 0;
        Latencies.Add(latency);
    }

    public void Merge(VersionTraffic other)
    {
        (Requests, Failures) = (Requests + other.Requests, Failures + other.Failures);
        Latencies.Merge(other.Latencies);
    }
}

/// <summary>The traffic of a model's versions since its split was last changed. Thread-safe.</summary>
public sealed class ModelTraffic
{
    readonly Lock _gate = new();
    readonly Dictionary<string, VersionTraffic> _versions = new(StringComparer.Ordinal);

    public void Add(string version, bool failed, TimeSpan latency)
    {
        lock (_gate)
        {
            if (!_versions.TryGetValue(version, out var traffic))
            {
                _versions.Add(version, traffic = new VersionTraffic(version));
            }

            traffic.Add(failed, latency);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _versions.Clear();
        }
    }

    /// <summary>Copies of what was counted so far, by version.</summary>
    public IReadOnlyList<VersionTraffic> Snapshot()
    {
        lock (_gate)
        {
            return [.. _versions.Values.OrderBy(each => each.Version, StringComparer.Ordinal).Select(each =>
            {
                var copy = new VersionTraffic(each.Version);
                copy.Merge(each);
                return copy;
            })];
        }
    }
}

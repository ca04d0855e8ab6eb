namespace Capstan.Gateway;

/// <summary>
/// Counts latencies in buckets, each an eighth of a power of two wide (9 % at most), from a microsecond to an hour. Not thread-safe.
/// </summary>
public sealed class LatencyCounts
{
    const int StepsPerDoubling = 8;
    const int Doublings = 32;

    readonly long[] _counts = new long[StepsPerDoubling * Doublings];

    public long Count { get; private set; }

    /// <summary>All latencies together, in microseconds.</summary>
    public double SumMicroseconds { get; private set; }

    public void Add(TimeSpan latency)
    {
        var microseconds = Math.Max(1, latency.TotalMicroseconds);
        var index = (int)(Math.Log2(microseconds) * StepsPerDoubling);
        _counts[Math.Min(index, _counts.Length - 1)]++;
        Count++;
        SumMicroseconds += microseconds;
    }

    public void Merge(LatencyCounts other)
    {
        for (var index = 0; index < _counts.Length; index++)
        {
            _counts[index] += other._counts[index];
        }

        (Count, SumMicroseconds) = (Count + other.Count, SumMicroseconds + other.SumMicroseconds);
    }

    /// <summary>The latency that a share of the requests did not exceed, to a bucket's upper end; zero where there is none.</summary>
    /// <param name="rank">From 0 to 1.</param>
    public TimeSpan Quantile(double rank)
    {
        var wanted = (long)Math.Ceiling(rank * Count);
        var seen = 0L;
        for (var index = 0; index < _counts.Length && Count > 0; index++)
        {
            seen += _counts[index];
            if (seen >= Math.Max(1, wanted))
            {
                return TimeSpan.FromMicroseconds(Math.Pow(2, (index + 1.0) / StepsPerDoubling));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>The buckets that hold anything: their upper ends and counts.</summary>
    public IEnumerable<(TimeSpan UpTo, long Count)> Buckets() => _counts
        .Select((count, index) => (TimeSpan.FromMicroseconds(Math.Pow(2, (index + 1.0) / StepsPerDoubling)), count))
        .Where(bucket => bucket.count > 0);
}

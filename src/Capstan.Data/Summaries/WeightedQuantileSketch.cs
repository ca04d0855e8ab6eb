using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>
/// A picture of the distribution of weighted numbers that answers any quantile: a row of weight 2 counts as two rows of weight 1.
/// Exact below <see cref="BufferRows"/> rows, afterwards within <see cref="RankError"/>, which holds always and for any data.
/// </summary>
/// <remarks>
/// Rows whose value is not finite or whose weight is not above 0 are not observed; a weight counts as at most 1e250, so that no
/// sum overflows. Rows are gathered in a buffer; a full one becomes a <see cref="RankSummary"/> of 8,192 values, and two
/// summaries of as many buffers each become one of twice as many: after n rows the rank error is at most (1 + log₂(n / 16,384)) /
/// 16,384 of the total weight, about 0.1 % at a thousand million rows, in some 3 MiB. Merging commutes to the bit; another
/// grouping of parts differs within the error. Source: the exponential histogram of summaries in Greenwald, Khanna 2004 (PODS),
/// over summaries for weights of Zhang, Wang 2007 (SSDBM).
/// </remarks>
public sealed class WeightedQuantileSketch : IMergeable<WeightedQuantileSketch>, IStoredState<WeightedQuantileSketch>
{
    public const int BufferRows = 2 * SummarySize;

    const int SummarySize = 8192;
    const int MostLevels = 48;
    internal const double LargestWeight = 1e250;

    readonly double[] _values = new double[BufferRows];
    readonly double[] _weights = new double[BufferRows];

    // [i]: of 2^i buffers, or null where there is none at the time.
    readonly List<RankSummary?> _levels = [];
    int _buffered;
    RankSummary? _all;

    public static WeightedQuantileSketch Empty => new();

    /// <summary>How many rows were observed.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// The largest difference between asked and true rank that a query can have, as a share of the total weight; 0 while exact.
    /// </summary>
    public double RankError => Count == 0 ? 0 : All.LargestGap() / 2 / All.Total;

    public void Observe(double value, double weight)
    {
        if (!double.IsFinite(value) || !(weight > 0))
        {
            return;
        }

        _all = null;
        Count++;
        // Adding 0 turns −0 into 0.
        (_values[_buffered], _weights[_buffered]) = (value + 0.0, Math.Min(weight, LargestWeight));
        if (++_buffered == BufferRows)
        {
            Carry(RankSummary.Of(_values, _weights).Prune(SummarySize), 0);
            _buffered = 0;
        }
    }

    /// <summary>The smallest value such that at least the share <paramref name="q"/> of all weight does not exceed it.</summary>
    /// <param name="q">0 (the minimum) to 1 (the maximum).</param>
    /// <exception cref="InvalidOperationException">Nothing was observed.</exception>
    public double Quantile(double q)
    {
        if (!(q is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "A quantile's share is 0 to 1.");
        }

        return Count == 0
            ? throw new InvalidOperationException("A quantile of no values was asked for; look at Count first.")
            : q == 1 ? All.Values[^1] : All.AtRank(q * All.Total);
    }

    /// <summary>As <see cref="QuantileSketch.Boundaries"/>, for buckets of about equal weight.</summary>
    public double[] Boundaries(int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        return Count == 0
            ? []
            : [.. Enumerable.Range(1, buckets - 1).Select(index => Quantile((double)index / buckets)).Distinct()];
    }

    public WeightedQuantileSketch Merge(WeightedQuantileSketch other)
    {
        var merged = new WeightedQuantileSketch { Count = Count + other.Count };
        double[] values = [.. _values.AsSpan(0, _buffered), .. other._values.AsSpan(0, other._buffered)];
        double[] weights = [.. _weights.AsSpan(0, _buffered), .. other._weights.AsSpan(0, other._buffered)];
        RankSummary? carried = null;
        if (values.Length < BufferRows)
        {
            values.CopyTo(merged._values.AsSpan());
            weights.CopyTo(merged._weights.AsSpan());
            merged._buffered = values.Length;
        }
        else
        {
            carried = RankSummary.Of(values, weights).Prune(SummarySize);
        }

        // As two binary numbers are added. Of three summaries at one level those of the operands are merged, so that merging commutes.
        for (var level = 0; level < Math.Max(_levels.Count, other._levels.Count) || carried is not null; level++)
        {
            var (mine, theirs) = (_levels.ElementAtOrDefault(level), other._levels.ElementAtOrDefault(level));
            var (stays, goes) = (mine, theirs, carried) switch
            {
                (not null, not null, _) => (carried, mine.Merge(theirs)),
                (not null, null, not null) => (null, mine.Merge(carried)),
                (null, not null, not null) => (null, theirs.Merge(carried)),
                _ => (mine ?? theirs ?? carried, null),
            };
            merged._levels.Add(stays);
            carried = goes?.Prune(SummarySize);
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var (values, weights) = (_values.AsSpan(0, _buffered).ToArray(), _weights.AsSpan(0, _buffered).ToArray());
        RankSummary.Sort(values, weights);
        var fields = new StateWriter(writer, 5);
        fields.Number(1, Count);
        fields.Words(2, Bits(values));
        fields.Words(3, Bits(weights));
        fields.Words(4, [.. _levels.Select(level => (ulong)(level?.Count ?? 0))]);
        fields.Words(
            5,
            [
                .. _levels.OfType<RankSummary>()
                    .SelectMany(level => (ulong[])[.. Bits(level.Values), .. Bits(level.UpTo), .. Bits(level.Below)]),
            ]);
        fields.End();
    }

    public static WeightedQuantileSketch ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(WeightedQuantileSketch), 5);
        var sketch = new WeightedQuantileSketch { Count = fields.Count(1) };
        var (values, weights) = (Numbers(fields.Words(2, BufferRows - 1)), Numbers(fields.Words(3, BufferRows - 1)));
        var sizes = fields.Words(4, MostLevels);
        var bounds = Numbers(fields.Words(5, 3 * (SummarySize + 1) * MostLevels));
        fields.End();
        fields.Check(
            values.Length == weights.Length && values.All(double.IsFinite)
            && weights.All(weight => weight is > 0 and <= LargestWeight),
            "its buffer holds what is no row");
        (sketch._buffered, var rows, var start) = (values.Length, (UInt128)values.Length, 0);
        values.CopyTo(sketch._values, 0);
        weights.CopyTo(sketch._weights, 0);
        for (var level = 0; level < sizes.Length; level++)
        {
            fields.Check(
                sizes[level] <= SummarySize + 1 && 3 * (int)sizes[level] <= bounds.Length - start,
                $"level {level} claims {sizes[level]} values");
            var size = (int)sizes[level];
            var summary = size == 0 ? null : RankSummary.From(Next(size), Next(size), Next(size))
                ?? throw fields.Corrupt($"the bounds of level {level} are not in order");
            sketch._levels.Add(summary);
            rows += size == 0 ? 0 : (UInt128)BufferRows << level;
        }

        fields.Check(start == bounds.Length, $"{bounds.Length - start} numbers belong to no level");
        fields.Check(
            rows <= (UInt128)sketch.Count && (sizes.Length > 0 || rows == (UInt128)sketch.Count),
            $"it holds {rows} rows, expected {sketch.Count}");
        return sketch;

        double[] Next(int count) => bounds[start..(start += count)];
    }

    RankSummary All => _all ??= _levels.OfType<RankSummary>().Aggregate(
        RankSummary.Of(_values.AsSpan(0, _buffered).ToArray(), _weights.AsSpan(0, _buffered).ToArray()),
        (all, level) => all.Merge(level));

    void Carry(RankSummary summary, int level)
    {
        while (level < _levels.Count && _levels[level] is { } other)
        {
            summary = other.Merge(summary).Prune(SummarySize);
            _levels[level++] = null;
        }

        if (level == _levels.Count)
        {
            _levels.Add(null);
        }

        _levels[level] = summary;
    }

    static ulong[] Bits(ReadOnlySpan<double> numbers) => [.. numbers.ToArray().Select(BitConverter.DoubleToUInt64Bits)];

    static double[] Numbers(ulong[] bits) => [.. bits.Select(BitConverter.UInt64BitsToDouble)];
}

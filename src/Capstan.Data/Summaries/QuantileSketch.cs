namespace Capstan.Data;

/// <summary>
/// A small picture of a distribution that answers any quantile: exactly for the first 15,000 values, and never further than 0.1 %
/// of the rank from the truth afterwards, whatever the values, their order, their number and how they were split and merged.
/// </summary>
/// <remarks>
/// NaN and infinities are not observed; −0 is 0. The guarantee is no probability: the sketch adds up what its compactions can
/// have cost and makes none that would exceed the limit; <see cref="RankError"/> tells what they can have cost.
/// Halving values of weight 2^h moves the rank of a number by at most 2^h, up or down as the offset chooses. Each halving takes
/// c = 15 / limit values or more, so all of one level cost at most Count / c, and the side that has had less is charged: L
/// levels move a rank by at most L × Count / 2c, which is within the limit up to 30 levels or 4 × 10^12 values. Beyond that
/// memory grows. A level holds up to c values: at the limit of 0.1 %, 1 MiB in all for a million values, 2.3 MiB for 10^9,
/// 3.5 MiB for 10^12, and half of that on average and when stored. The same values in the same order give the same bytes, and
/// merging commutes to the bit.
/// Source: the deterministic compaction of Manku, Rajagopalan, Lindsay 1998, merged as by Agarwal et al. 2012 (Mergeable
/// Summaries, §3.1). We differ: sides are balanced over all levels and merges, where they alternate or toss coins.
/// </remarks>
public sealed partial class QuantileSketch : IMergeable<QuantileSketch>, IStoredState<QuantileSketch>
{
    public const double DefaultRankErrorLimit = 0.001;

    const double SmallestLimit = 1e-5;
    const double LargestLimit = 0.1;
    const int MostLevels = 60;
    const int MostStoredValues = 1 << 28;

    double _limit;
    readonly List<SketchLevel> _levels = [new()];
    double _min = double.PositiveInfinity;
    double _max = double.NegativeInfinity;

    // By how much compactions can have raised and lowered the rank of one and the same number.
    long _raised;
    long _lowered;
    WeightedValues? _sorted;

    public QuantileSketch()
        : this(DefaultRankErrorLimit)
    {
    }

    /// <param name="rankErrorLimit">
    /// 0.00001 to 0.1: what <see cref="RankError"/> never exceeds. Memory grows with its inverse.
    /// </param>
    public QuantileSketch(double rankErrorLimit)
        : this(rankErrorLimit, 0)
    {
        if (!(rankErrorLimit is >= SmallestLimit and <= LargestLimit))
        {
            throw new ArgumentOutOfRangeException(nameof(rankErrorLimit), rankErrorLimit,
                $"A quantile sketch's limit of the rank error is {SmallestLimit} to {LargestLimit}.");
        }
    }

    QuantileSketch(double limit, long count) => (_limit, Count) = (limit, count);

    public static QuantileSketch Empty => new();

    public long Count { get; private set; }

    /// <summary>True while every value is still held.</summary>
    public bool IsExact => _levels.Count == 1;

    /// <summary>
    /// The largest difference between asked and true rank, as a share of Count, that a query can have: a bound, no estimate.
    /// </summary>
    public double RankError => Count == 0 ? 0 : (double)Math.Max(_raised, _lowered) / Count;

    /// <summary>0 where nothing was observed.</summary>
    public double Min => Count == 0 ? 0 : _min;

    /// <summary>0 where nothing was observed.</summary>
    public double Max => Count == 0 ? 0 : _max;

    public void Observe(double value) => Observe([value]);

    public void Observe(ReadOnlySpan<double> values)
    {
        _sorted = null;
        var level = _levels[0];
        while (values.Length > 0)
        {
            // Past its capacity only where the error's limit has no room yet: then it is looked at again every so many values.
            var taken = values[..Math.Min(values.Length, Capacity - level.Count % Capacity)];
            values = values[taken.Length..];
            var room = level.Reserve(taken.Length);
            var kept = 0;
            var (min, max) = (_min, _max);
            foreach (var value in taken)
            {
                // Adding 0 turns −0 into 0. A value that is not finite is overwritten by the next.
                var number = value + 0.0;
                room[kept] = number;
                if (double.IsFinite(number))
                {
                    kept++;
                    min = number < min ? number : min;
                    max = number > max ? number : max;
                }
            }

            (_min, _max) = (min, max);
            level.Count += kept;
            Count += kept;
            if (level.Count > 0 && level.Count % Capacity == 0)
            {
                Compress();
            }
        }
    }

    /// <summary>The smallest value that at least the share <paramref name="q"/> of all values does not exceed.</summary>
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
            : q switch { 0 => _min, 1 => _max, _ => Sorted.AtRank((long)Math.Ceiling(q * Count)) };
    }

    /// <summary>The share of values that do not exceed <paramref name="value"/>: 0 to 1; 0 where nothing was observed.</summary>
    public double ShareAtOrBelow(double value) =>
        Count == 0 || value < _min ? 0 : value >= _max ? 1 : (double)Sorted.CountAtOrBelow(value) / Count;

    /// <summary>How many values are below <paramref name="value"/>; 0 where nothing was observed.</summary>
    public long CountBelow(double value) =>
        Count == 0 || value <= _min ? 0 : value > _max ? Count : Sorted.CountAtOrBelow(Math.BitDecrement(value));

    /// <summary>
    /// Boundaries b for buckets of about equally many values, where value v falls into the bucket i with b[i − 1] ≤ v &lt; b[i].
    /// </summary>
    /// <returns>Strictly increasing; buckets − 1 of them, fewer where values repeat so much that quantiles coincide, none where
    /// nothing was observed.</returns>
    public double[] Boundaries(int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        return Count == 0
            ? []
            : [.. Enumerable.Range(1, buckets - 1).Select(index => Quantile((double)index / buckets)).Distinct()];
    }

    /// <summary>The same distribution in fewer values: smaller to store.</summary>
    /// <param name="rankErrorLimit">
    /// What <see cref="RankError"/> will not exceed; one smaller than this sketch's changes nothing.
    /// </param>
    public QuantileSketch Coarsen(double rankErrorLimit)
    {
        var coarse = Copy();
        coarse._limit = Math.Max(_limit, rankErrorLimit);
        coarse.Compress();
        return coarse;
    }

    public QuantileSketch Merge(QuantileSketch other)
    {
        var merged = Copy();
        merged.Absorb(other);
        return merged;
    }

    /// <summary>As <see cref="Merge"/>, in place: this sketch is then of both's values. The other one does not change.</summary>
    public void Absorb(QuantileSketch other)
    {
        // A side without values has nothing to say about precision.
        _limit = Count == 0 ? other._limit : other.Count == 0 ? _limit : Math.Max(_limit, other._limit);
        Take(other);
        Compress();
    }

    QuantileSketch Copy()
    {
        var copy = new QuantileSketch(_limit, 0);
        copy.Take(this);
        return copy;
    }

    void Take(QuantileSketch other)
    {
        _sorted = null;
        (Count, _raised, _lowered) = (Count + other.Count, _raised + other._raised, _lowered + other._lowered);
        (_min, _max) = (Math.Min(_min, other._min), Math.Max(_max, other._max));
        for (var index = 0; index < other._levels.Count; index++)
        {
            if (index == _levels.Count)
            {
                _levels.Add(new SketchLevel());
            }

            _levels[index].Absorb(other._levels[index], isSorted: index > 0);
        }
    }

    WeightedValues Sorted => _sorted ??= WeightedValues.Of(_levels);

    /// <summary>How many values make a level due for compaction.</summary>
    int Capacity => (int)(15 / _limit) & ~1;

    void Compress()
    {
        for (var index = 0; index < _levels.Count; index++)
        {
            if (_levels[index].Count < Capacity || !TryPay(1L << index, out var offset))
            {
                continue;
            }

            if (index + 1 == _levels.Count)
            {
                _levels.Add(new SketchLevel());
            }

            _levels[index].CompactInto(_levels[index + 1], offset, isSorted: index > 0);
        }
    }

    /// <summary>Puts a compaction's cost on the side that has had less, if the limit allows.</summary>
    bool TryPay(long cost, out int offset)
    {
        // Equal sides: a bit that looks random, or many small sketches would all err to the same side when they are merged.
        var (min, max) = (BitConverter.DoubleToUInt64Bits(_min), BitConverter.DoubleToUInt64Bits(_max));
        var raises = _raised == _lowered ? (ValueHash.Mix((ulong)Count ^ min ^ max) & 1) == 0 : _raised < _lowered;
        offset = raises ? 0 : 1;
        if ((raises ? _raised : _lowered) + cost > _limit * Count)
        {
            return false;
        }

        (_raised, _lowered) = raises ? (_raised + cost, _lowered) : (_raised, _lowered + cost);
        return true;
    }
}

using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>
/// A small picture of a distribution that answers any quantile: exactly while fewer values than its size
/// (6,144 by default) were seen, within <see cref="RankError"/> of the rank afterwards, whatever the distribution and however
/// many values.
/// </summary>
/// <remarks>
/// NaN and infinities are not observed; −0 is 0. With the default k the rank error of one query is at most 0.1 % with more
/// than 99 % confidence; a million values take some 70 KiB when stored, any number below 400 KiB. KLL takes one random bit per
/// compaction; here the bit is a hash of the level and of the number of compactions it has had, inverted every second time, so
/// the same values in the same order give the same bytes, merging commutes to the bit, and the confidence holds for data not made
/// with knowledge of that hash. Source: Karnin, Lang, Liberty 2016 (arXiv 1603.05346), §4, capacities shrinking by ⅔ per level.
/// We differ: capacities do not shrink below k / 3 (faster, and more precise), and every level above the first is kept sorted.
/// The error's constant is Apache DataSketches' published fit for k-sized KLL (2.296 / k^0.9021), whose capacities ours never go
/// below; tests measure it.
/// </remarks>
public sealed class QuantileSketch : IMergeable<QuantileSketch>, IStoredState<QuantileSketch>
{
    public const int DefaultSize = 6144;

    const int SmallestSize = 24;
    const int LargestSize = 1 << 16;
    const int MostLevels = 60;

    readonly int _size;
    readonly List<SketchLevel> _levels = [new()];
    double _min = double.PositiveInfinity;
    double _max = double.NegativeInfinity;
    WeightedValues? _sorted;

    /// <param name="size">k, 24 to 65,536: the capacity of the largest level. Memory and precision grow with it.</param>
    public QuantileSketch(int size = DefaultSize)
    {
        if (size is < SmallestSize or > LargestSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(size), size, $"A quantile sketch's size is {SmallestSize} to {LargestSize}.");
        }

        _size = size;
    }

    public static QuantileSketch Empty => new();

    public long Count { get; private set; }

    /// <summary>True while every value is still held.</summary>
    public bool IsExact => _levels.Count == 1;

    /// <summary>
    /// The largest difference between asked and true rank, as a share of Count, that a query has with 99 % confidence.
    /// </summary>
    public double RankError => IsExact ? 0 : 2.296 / Math.Pow(_size, 0.9021);

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
            var taken = values[..Math.Min(values.Length, CapacityOf(0) - level.Count)];
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
            if (level.Count == CapacityOf(0))
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

    public QuantileSketch Merge(QuantileSketch other)
    {
        // A side without values has nothing to say about precision.
        var size = Count == 0 ? other._size : other.Count == 0 ? _size : Math.Min(_size, other._size);
        var merged = new QuantileSketch(size)
        {
            Count = Count + other.Count, _min = Math.Min(_min, other._min), _max = Math.Max(_max, other._max),
        };
        while (merged._levels.Count < Math.Max(_levels.Count, other._levels.Count))
        {
            merged._levels.Add(new SketchLevel());
        }

        foreach (var part in (ReadOnlySpan<QuantileSketch>)[this, other])
        {
            for (var index = 0; index < part._levels.Count; index++)
            {
                merged._levels[index].Absorb(part._levels[index]);
            }
        }

        merged.Compress();
        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 6);
        fields.Number(1, _size);
        fields.Number(2, Count);
        fields.Double(3, Min);
        fields.Double(4, Max);
        fields.Words(5, [.. _levels.SelectMany(level => (ulong[])[(ulong)level.Compactions, (ulong)level.Count])]);
        fields.Words(6, [.. _levels.SelectMany(level => level.Values.Order()).Select(BitConverter.DoubleToUInt64Bits)]);
        fields.End();
    }

    public static QuantileSketch ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(QuantileSketch), 6);
        var sketch = new QuantileSketch((int)fields.Number(1, SmallestSize, LargestSize)) { Count = fields.Count(2) };
        var (min, max) = (fields.Finite(3), fields.Finite(4));
        var shape = fields.Words(5, 2 * MostLevels);
        var values = fields.Words(6, LargestSize * MostLevels);
        fields.End();

        fields.Check(shape.Length is > 0 && shape.Length % 2 == 0, $"it has {shape.Length} level sizes, expected pairs");
        sketch._levels.Clear();
        var (start, weighed) = (0, UInt128.Zero);
        for (var index = 0; index < shape.Length / 2; index++)
        {
            var (compactions, count) = (shape[2 * index], shape[2 * index + 1]);
            fields.Check(
                compactions < long.MaxValue && count <= (ulong)(values.Length - start), $"level {index} claims {count} values");
            sketch._levels.Add(new SketchLevel((long)compactions, values.AsSpan(start, (int)count)));
            start += (int)count;
            weighed += (UInt128)count << index;
        }

        fields.Check(
            start == values.Length && weighed == (UInt128)sketch.Count,
            $"its levels stand for {weighed} values, expected {sketch.Count}");
        for (var index = 0; index < sketch._levels.Count; index++)
        {
            var level = sketch._levels[index];
            fields.Check(level.Count < sketch.CapacityOf(index), $"level {index} is fuller than a sketch leaves it");
            fields.Check(level.IsWithin(min, max), $"the values of level {index} are not sorted numbers from {min} to {max}");
        }

        (sketch._min, sketch._max) = sketch.Count > 0 ? (min, max) : (sketch._min, sketch._max);
        return sketch;
    }

    WeightedValues Sorted => _sorted ??= WeightedValues.Of(_levels);

    int SmallestCapacity => Math.Max(8, _size / 3);

    /// <summary>Size × ⅔ per level below the top in integers, so that every machine agrees; at least a third.</summary>
    int CapacityOf(int level)
    {
        var capacity = _size;
        for (var above = _levels.Count - 1; above > level && capacity > SmallestCapacity; above--)
        {
            capacity = capacity * 2 / 3;
        }

        return Math.Max(capacity, SmallestCapacity) & ~1;
    }

    void Compress()
    {
        for (var index = 0; index < _levels.Count; index++)
        {
            // Every compaction on top adds a level, which shrinks the capacities below: one more look from the start settles it.
            if (_levels[index].Count < CapacityOf(index))
            {
                continue;
            }

            var isTop = index + 1 == _levels.Count;
            if (isTop)
            {
                _levels.Add(new SketchLevel());
            }

            _levels[index].CompactInto(_levels[index + 1], index);
            index = isTop ? -1 : index;
        }
    }
}

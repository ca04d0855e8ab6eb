namespace Capstan.Data;

/// <summary>A sketch's values in order, each with the number of observed values up to and including it.</summary>
sealed class WeightedValues
{
    readonly double[] _values;
    readonly long[] _upTo;

    WeightedValues(double[] values, long[] upTo) => (_values, _upTo) = (values, upTo);

    public static WeightedValues Of(IReadOnlyList<SketchLevel> levels)
    {
        var values = new double[levels.Sum(level => level.Count)];
        var weights = new long[values.Length];
        var start = 0;
        for (var index = 0; index < levels.Count; index++)
        {
            levels[index].Span.CopyTo(values.AsSpan(start));
            weights.AsSpan(start, levels[index].Count).Fill(1L << index);
            start += levels[index].Count;
        }

        Array.Sort(values, weights);
        for (var index = 1; index < weights.Length; index++)
        {
            weights[index] += weights[index - 1];
        }

        return new WeightedValues(values, weights);
    }

    /// <summary>The value with a 1-based rank.</summary>
    public double AtRank(long rank)
    {
        var found = Array.BinarySearch(_upTo, Math.Max(1, rank));
        return _values[found >= 0 ? found : ~found];
    }

    public long CountAtOrBelow(double value)
    {
        var (low, high) = (0, _values.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            (low, high) = _values[middle] <= value ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? 0 : _upTo[low - 1];
    }
}

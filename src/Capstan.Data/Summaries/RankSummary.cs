namespace Capstan.Data;

/// <summary>
/// Some values of weighted rows in order, each with two bounds: the weight of the rows up to and including it is at least the
/// first, the weight of the rows before it at most the second. Where the bounds of neighbours meet, every quantile is exact; the
/// largest distance between them is what one can be wrong by, twice. Immutable.
/// </summary>
/// <remarks>
/// Merging adds the distances of both sides, pruning to n values adds total / n. The smallest and the largest value always stay.
/// Source: Zhang, Wang 2007 (SSDBM), whose minimum and maximum ranks are here taken together for each pair of neighbours.
/// </remarks>
sealed class RankSummary
{
    readonly double[] _values;

    // [i]: at least so much weight is at or below _values[i].
    readonly double[] _upTo;

    // [i]: at most so much weight is below _values[i].
    readonly double[] _below;

    RankSummary(double[] values, double[] upTo, double[] below) => (_values, _upTo, _below) = (values, upTo, below);

    public int Count => _values.Length;

    public double Total => Count == 0 ? 0 : _upTo[^1];

    public ReadOnlySpan<double> Values => _values;

    public ReadOnlySpan<double> UpTo => _upTo;

    public ReadOnlySpan<double> Below => _below;

    /// <summary>Exact: the bounds of all rows. Sorts both spans.</summary>
    public static RankSummary Of(Span<double> values, Span<double> weights)
    {
        Sort(values, weights);
        var (distinct, upTo, below) = (new List<double>(), new List<double>(), new List<double>());
        var total = 0.0;
        for (var index = 0; index < values.Length; index++)
        {
            if (index == 0 || values[index] != values[index - 1])
            {
                distinct.Add(values[index]);
                upTo.Add(0);
                below.Add(total);
            }

            total += weights[index];
            upTo[^1] = total;
        }

        return new RankSummary([.. distinct], [.. upTo], [.. below]);
    }

    /// <summary>By value, equal values by weight, so that sums do not depend on the order of rows.</summary>
    public static void Sort(Span<double> values, Span<double> weights)
    {
        values.Sort(weights);
        for (var start = 0; start < values.Length;)
        {
            var end = start + 1;
            while (end < values.Length && values[end] == values[start])
            {
                end++;
            }

            weights[start..end].Sort();
            start = end;
        }
    }

    /// <summary>Bounds that were read from somewhere; null where they are none.</summary>
    public static RankSummary? From(double[] values, double[] upTo, double[] below)
    {
        for (var index = 0; index < values.Length; index++)
        {
            var isOrdered = index == 0
                || (values[index] > values[index - 1] && upTo[index] >= upTo[index - 1] && below[index] >= below[index - 1]);
            var isWithin = upTo[index] > 0 && below[index] >= 0 && below[index] <= upTo[^1];
            if (!isOrdered || !isWithin || !double.IsFinite(values[index]) || !double.IsFinite(upTo[index]))
            {
                return null;
            }
        }

        return new RankSummary(values, upTo, below);
    }

    public RankSummary Merge(RankSummary other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var (values, upTo, below) = (new List<double>(), new List<double>(), new List<double>());
        var (mine, theirs) = (0, 0);
        while (mine < Count || theirs < other.Count)
        {
            var takesMine = theirs == other.Count || (mine < Count && _values[mine] <= other._values[theirs]);
            var takesTheirs = mine == Count || (theirs < other.Count && other._values[theirs] <= _values[mine]);
            values.Add(takesMine ? _values[mine] : other._values[theirs]);
            // A side that lacks the value bounds it by its neighbours.
            below.Add(BelowAt(mine) + other.BelowAt(theirs));
            mine += takesMine ? 1 : 0;
            theirs += takesTheirs ? 1 : 0;
            upTo.Add(UpToBefore(mine) + other.UpToBefore(theirs));
        }

        return new RankSummary([.. values], [.. upTo], [.. below]);
    }

    /// <summary>At most <paramref name="size"/> + 1 values: those at equal steps of rank, and both ends.</summary>
    public RankSummary Prune(int size)
    {
        if (Count <= size + 1)
        {
            return this;
        }

        var kept = new List<int> { 0 };
        for (var step = 1; step < size; step++)
        {
            var index = IndexAt(Total * step / size);
            if (index > kept[^1])
            {
                kept.Add(index);
            }
        }

        if (kept[^1] < Count - 1)
        {
            kept.Add(Count - 1);
        }

        return new RankSummary(At(_values), At(_upTo), At(_below));

        double[] At(double[] numbers) => [.. kept.Select(index => numbers[index])];
    }

    /// <summary>The value whose rows stand at a rank; the rank is wrong by at most half of <see cref="LargestGap"/>.</summary>
    /// <param name="rank">0 to <see cref="Total"/>.</param>
    public double AtRank(double rank) => _values[IndexAt(rank)];

    /// <summary>How far the bounds of two neighbours are apart at most.</summary>
    public double LargestGap()
    {
        var largest = 0.0;
        for (var index = 1; index < Count; index++)
        {
            largest = Math.Max(largest, _below[index] - _upTo[index - 1]);
        }

        return largest;
    }

    /// <summary>
    /// The first value that the rank does not pass: between two neighbours the line is in the middle of their bounds.
    /// </summary>
    int IndexAt(double rank)
    {
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            // Halves first: a sum of two large weights could overflow.
            (low, high) = rank <= _upTo[middle] / 2 + _below[middle + 1] / 2 ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    double BelowAt(int index) => index < Count ? _below[index] : Total;

    double UpToBefore(int index) => index > 0 ? _upTo[index - 1] : 0;
}

using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>One bar of a histogram: values from <see cref="Low"/> on and below <see cref="High"/>.</summary>
/// <param name="High">Of the last bar inclusive.</param>
public readonly record struct Bin(double Low, double High, long Count);

/// <summary>How many of a sketch's values fall into each of some bins.</summary>
/// <remarks>
/// Counts are exact while the sketch is, afterwards each is within twice its <see cref="QuantileSketch.RankError"/>. Together
/// with
/// <see cref="Below"/> and <see cref="Above"/> they always add up to the sketch's count.
/// </remarks>
public sealed class Histogram
{
    // What lies further out than a quarter of the bulk's width would squeeze all other bars together.
    const double TailShare = 0.005;
    const double MarginWidths = 0.25;

    // Beyond it a whole number and a half is no double.
    const double LargestHalf = 1L << 51;

    Histogram(ImmutableArray<Bin> bins, long below, long above) => (Bins, Below, Above) = (bins, below, above);

    /// <summary>In ascending order, each beginning where the one before ends; none where nothing was observed.</summary>
    public ImmutableArray<Bin> Bins { get; }

    /// <summary>Values below the first bin.</summary>
    public long Below { get; }

    /// <summary>Values above the last bin.</summary>
    public long Above { get; }

    /// <summary>The fullest bin's count.</summary>
    public long Most => Bins.IsEmpty ? 0 : Bins.Max(bin => bin.Count);

    /// <summary>Bins of equal width from the smallest value to the largest; one bin where they are the same.</summary>
    /// <param name="bins">1 or more; fewer come back where the range has fewer different numbers.</param>
    public static Histogram EqualWidth(QuantileSketch values, int bins) => EqualWidth(values, bins, values.Min, values.Max);

    /// <summary>Bins of equal width from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Histogram EqualWidth(QuantileSketch values, int bins, double low, double high) =>
        Between(values, EdgesOf(bins, low, high));

    /// <summary>Bins of about equally many values; fewer where values repeat so much that quantiles coincide.</summary>
    public static Histogram Quantiles(QuantileSketch values, int bins) => Between(
        values,
        values.Count == 0 ? [] : [values.Min, .. values.Boundaries(bins).Where(edge => edge > values.Min), values.Max]);

    /// <summary>
    /// Bins of equal width for the eye: over the bulk of the values, with the far ones counted as below and above; for whole
    /// numbers each bin holds equally many of them, so that no bar stands out by rounding.
    /// </summary>
    /// <param name="whole">All values are whole numbers.</param>
    public static Histogram OfBulk(QuantileSketch values, int bins, bool whole)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (values.Count == 0)
        {
            return new Histogram([], 0, 0);
        }

        var isShort = whole && values.Max - values.Min < bins;
        var (low, high) = isShort ? (values.Min, values.Max) : BulkOf(values);
        return whole && Math.Max(-low, high) < LargestHalf
            ? Between(values, WholeEdges(bins, Math.Floor(low), Math.Ceiling(high)))
            : EqualWidth(values, bins, low, high);
    }

    /// <summary>Bins that begin where the calendar does, over the bulk of some timestamps.</summary>
    /// <param name="times">In microseconds since 1970-01-01.</param>
    /// <param name="most">How many bins there may be: 10 or more.</param>
    /// <returns>The histogram, and a bin's length in words.</returns>
    public static (Histogram Histogram, string Step) OfTimes(QuantileSketch times, int most)
    {
        if (times.Count == 0)
        {
            return (new Histogram([], 0, 0), "");
        }

        var (low, high) = BulkOf(times);
        var (step, edges) = CalendarSteps.Between((long)low, (long)high, most);
        return (Between(times, edges), step);
    }

    /// <summary>Bins between given edges.</summary>
    /// <param name="edges">
    /// Ascending, two or more, or none for no bins. The last two may be equal: a bin for the greatest value alone.
    /// </param>
    /// <exception cref="ArgumentException">There is one edge, or they do not ascend.</exception>
    public static Histogram Between(QuantileSketch values, IReadOnlyList<double> edges)
    {
        if (edges.Count == 1 || Enumerable.Range(1, Math.Max(0, edges.Count - 1)).Any(index =>
            !(edges[index] > edges[index - 1] || (index == edges.Count - 1 && edges[index] == edges[index - 1]))))
        {
            throw new ArgumentException(
                $"The edges of {edges.Count - 1} bins are {string.Join(", ", edges)}; they must ascend.", nameof(edges));
        }

        if (values.Count == 0 || edges.Count == 0)
        {
            return new Histogram([], 0, 0);
        }

        // The last bin has its upper edge.
        var below = edges.Select((edge, index) =>
            values.CountBelow(index == edges.Count - 1 ? Math.BitIncrement(edge) : edge)).ToArray();
        var bins = Enumerable.Range(1, edges.Count - 1)
            .Select(index => new Bin(edges[index - 1], edges[index], below[index] - below[index - 1]));
        return new Histogram([.. bins], below[0], values.Count - below[^1]);
    }

    static (double Low, double High) BulkOf(QuantileSketch values)
    {
        var (low, high) = (values.Quantile(TailShare), values.Quantile(1 - TailShare));
        var margin = MarginWidths * (high - low);
        return margin > 0 ? (Math.Max(values.Min, low - margin), Math.Min(values.Max, high + margin)) : (values.Min, values.Max);
    }

    static double[] EdgesOf(int bins, double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (!(low < high))
        {
            return [low, high];
        }

        // Weighted, because the difference of two huge numbers overflows.
        return [.. Enumerable.Range(0, bins + 1)
            .Select(index => index == bins ? high : low * (1 - (double)index / bins) + high * ((double)index / bins))
            .Distinct()];
    }

    static double[] WholeEdges(int bins, double low, double high)
    {
        var width = Math.Ceiling((high - low + 1) / bins);
        var count = (int)Math.Ceiling((high - low + 1) / width);
        return [.. Enumerable.Range(0, count + 1).Select(index => low - 0.5 + index * width)];
    }
}

using Capstan.Data;

namespace Capstan;

/// <summary>A bar of a drawing.</summary>
/// <param name="Label">What it counts, such as "10 to 20" or a text value.</param>
/// <param name="Share">Of the present values, 0 to 1.</param>
/// <param name="OtherShare">The same of the data compared with; null where there is none.</param>
readonly record struct ShapeBar(string Label, double Share, double? OtherShare);

/// <summary>A column's distribution as bars: a histogram of numbers or timestamps, or the most frequent values.</summary>
/// <param name="IsHistogram">The bars have an order and touch; else they are values of their own.</param>
/// <param name="Low">Where the first bar begins.</param>
/// <param name="High">Where the last bar ends.</param>
/// <param name="Note">What the bars don't show; empty where they show all.</param>
sealed record ColumnShape(bool IsHistogram, IReadOnlyList<ShapeBar> Bars, string Low, string High, string Note)
{
    const int TopShown = 10;

    /// <summary>Null where there is nothing to draw.</summary>
    /// <param name="other">
    /// The column of the data compared with, if it is there and of the same kind; it gets the same bars.
    /// </param>
    /// <param name="bins">Of a histogram: at most so many, 10 or more.</param>
    public static ColumnShape? Of(ColumnStatistics column, ColumnStatistics? other, int bins)
    {
        if (column.PresentCount + (other?.PresentCount ?? 0) == 0)
        {
            return null;
        }

        return column switch
        {
            { Numbers: not null, Quantiles: { } numbers } =>
                OfNumbers(column.Type == DataType.Int64, numbers, other?.Numbers is null ? null : other.Quantiles, bins),
            { Type: DataType.Timestamp, Quantiles: { } times } =>
                OfTimes(times, other?.Type == DataType.Timestamp ? other.Quantiles : null, bins),
            { Values: { } values } => OfTexts(values, other?.Values),
            { Type: DataType.Boolean } => OfTruths(column, other?.Type == DataType.Boolean ? other : null),
            _ => null,
        };
    }

    /// <summary>Of two data sets' column, over the same bars; where only the second holds values, only they are drawn.</summary>
    public static ColumnShape? Of(ColumnComparison column, int bins) => column switch
    {
        { Left: { PresentCount: > 0 } left } => Of(left, column.Right, bins),
        { Right: { } right } when Of(right, null, bins) is { } shape => shape with
        {
            Bars = [.. shape.Bars.Select(bar => new ShapeBar(bar.Label, 0, bar.Share))],
        },
        _ => null,
    };

    static ColumnShape? OfNumbers(bool whole, QuantileSketch values, QuantileSketch? others, int bins)
    {
        var both = others is null ? values : values.Merge(others);
        var histogram = Histogram.OfBulk(both, bins, whole);
        if (histogram.Bins.IsEmpty)
        {
            return null;
        }

        // A bin of whole numbers reaches half a step beyond them.
        var (low, high) = (histogram.Bins[0].Low, histogram.Bins[^1].High);
        return OfHistogram(histogram, values, others, Label) with
        {
            Low = Figures.Number(whole ? Math.Ceiling(low) : low),
            High = Figures.Number(whole ? Math.Floor(high) : high),
            Note = Beyond(histogram, both, Figures.Number),
        };

        string Label(Bin bin) => (whole, bin.High - bin.Low) switch
        {
            (true, 1) => Figures.Number(bin.Low + 0.5),
            (true, _) => $"{Figures.Number(Math.Ceiling(bin.Low))} to {Figures.Number(Math.Floor(bin.High))}",
            _ => $"{Figures.Number(bin.Low)} to {Figures.Number(bin.High)}",
        };
    }

    static ColumnShape? OfTimes(QuantileSketch times, QuantileSketch? others, int bins)
    {
        var both = others is null ? times : times.Merge(others);
        var (histogram, step) = Histogram.OfTimes(both, bins);
        if (histogram.Bins.IsEmpty)
        {
            return null;
        }

        var beyond = Beyond(histogram, both, Figures.Time);
        return OfHistogram(histogram, times, others, bin => $"{step} from {Figures.Time(bin.Low)}") with
        {
            Low = Figures.Time(Math.Max(histogram.Bins[0].Low, both.Min)),
            High = Figures.Time(Math.Min(histogram.Bins[^1].High, both.Max)),
            Note = beyond.Length == 0 ? $"by {step}" : $"by {step}, {beyond}",
        };
    }

    /// <summary>Both sides' shares over a histogram's bins.</summary>
    static ColumnShape OfHistogram(Histogram histogram, QuantileSketch values, QuantileSketch? others, Func<Bin, string> label)
    {
        double[] edges = [histogram.Bins[0].Low, .. histogram.Bins.Select(bin => bin.High)];
        var mine = Shares(values, edges);
        var theirs = others is null ? null : Shares(others, edges);
        var bars = histogram.Bins.Select((bin, index) => new ShapeBar(label(bin), mine[index], theirs?[index]));
        return new ColumnShape(true, [.. bars], "", "", "");
    }

    /// <summary>What lies outside the bins, in words; empty where nothing does.</summary>
    static string Beyond(Histogram histogram, QuantileSketch both, Func<double, string> text)
    {
        var sides = new List<string>();
        if (histogram.Below > 0)
        {
            sides.Add($"{Figures.Share((double)histogram.Below / both.Count)} below, down to {text(both.Min)}");
        }

        if (histogram.Above > 0)
        {
            sides.Add($"{Figures.Share((double)histogram.Above / both.Count)} above, up to {text(both.Max)}");
        }

        return string.Join(", ", sides);
    }

    static double[] Shares(QuantileSketch values, double[] edges) => values.Count == 0
        ? new double[edges.Length - 1]
        : [.. Histogram.Between(values, edges).Bins.Select(bin => (double)bin.Count / values.Count)];

    static ColumnShape? OfTexts(TopValues values, TopValues? others)
    {
        var top = values.Ordered(TopShown).Concat(others?.Ordered(TopShown) ?? [])
            .DistinctBy(value => value.Text, StringComparer.Ordinal)
            .Select(value => new ShapeBar(
                value.Text, ShareOf(values, value.Utf8.Span), others is null ? null : ShareOf(others, value.Utf8.Span)))
            .OrderByDescending(bar => Math.Max(bar.Share, bar.OtherShare ?? 0)).ThenBy(bar => bar.Label, StringComparer.Ordinal)
            .Take(TopShown).ToArray();
        var rest = 1 - top.Sum(bar => bar.Share);
        var note = values.Kept > top.Length && values.Total > 0 ? $"{Figures.Share(Math.Max(0, rest))} other values" : "";
        return top.Length == 0 ? null : new ColumnShape(false, top, "", "", note);
    }

    static double ShareOf(TopValues values, ReadOnlySpan<byte> value) =>
        values.Total == 0 ? 0 : (double)values.CountOf(value) / values.Total;

    static ColumnShape OfTruths(ColumnStatistics column, ColumnStatistics? other)
    {
        var (mine, theirs) = (TrueShare(column), other is null ? (double?)null : TrueShare(other));
        var isFalse = new ShapeBar(
            "false", column.PresentCount == 0 ? 0 : 1 - mine, other is { PresentCount: > 0 } ? 1 - theirs : theirs);
        return new ColumnShape(false, [new("true", mine, theirs), isFalse], "", "", "");
    }

    static double TrueShare(ColumnStatistics column) =>
        column.PresentCount == 0 ? 0 : (double)column.TrueCount / column.PresentCount;
}

using Capstan.Data;

namespace Capstan.Cli;

/// <summary>A distribution in a few characters of a line.</summary>
static class Sparkline
{
    const int Bins = 12;
    const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>Empty for texts and truths, whose values have no order.</summary>
    public static string Of(ColumnStatistics column) =>
        column.Quantiles is { Count: > 0 } values ? Draw(HistogramOf(column, values)) : "";

    /// <summary>Two distributions over the same bins; empty where either has none.</summary>
    public static string Of(ColumnStatistics left, ColumnStatistics right)
    {
        if (left.Quantiles is not { Count: > 0 } mine || right.Quantiles is not { Count: > 0 } other ||
            left.Numbers is null != right.Numbers is null)
        {
            return "";
        }

        var bins = HistogramOf(left, mine.Merge(other)).Bins;
        double[] edges = [bins[0].Low, .. bins.Select(bin => bin.High)];
        return $"{Draw(Histogram.Between(mine, edges))} → {Draw(Histogram.Between(other, edges))}";
    }

    static Histogram HistogramOf(ColumnStatistics column, QuantileSketch values) => column.Type == DataType.Timestamp
        ? Histogram.OfTimes(values, Bins + 1).Histogram
        : Histogram.OfBulk(values, Bins, whole: column.Type == DataType.Int64);

    /// <summary>An empty bin is a space; any other is seen.</summary>
    static string Draw(Histogram histogram)
    {
        var most = histogram.Most;
        return string.Concat(
            histogram.Bins.Select(bin => bin.Count == 0 ? ' ' : Levels[(int)((bin.Count * Levels.Length - 1) / most)]));
    }
}

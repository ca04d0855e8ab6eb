using System.Globalization;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>Data for people on a terminal: a line for each column, of one data set or of two side by side.</summary>
static class DescriptionText
{
    const int TopShown = 3;
    const int LongestValue = 20;

    public static void Write(CommandSession session, TableStatistics statistics)
    {
        var table = new ResultTable(
            "column", "type", "#missing", "#different", "#min", "#median", "#mean", "#max", "shape", "notes");
        for (var index = 0; index < statistics.Columns.Length; index++)
        {
            var (field, column) = (statistics.Schema.Fields[index], statistics.Columns[index]);
            table.Add(
            [
                field.Name, Schema.NameOf(field.Type), MissingOf(column), DistinctOf(column), .. Extremes(column),
                Sparkline.Of(column), Notes(column),
            ]);
        }

        table.Write(session, dropFirst: ["mean", "different", "shape", "median"]);
    }

    public static void Write(CommandSession session, IEnumerable<ColumnComparison> columns)
    {
        var table = new ResultTable(
            "column", "#missing", "#mean", "#shift / σ", "#divergence", "largest difference", "shape", "verdict");
        foreach (var column in columns)
        {
            table.Add(
                column.Name, Both(column, MissingOf), Both(column, MeanOf), ShiftOf(column.Distance?.MeanShift),
                DistanceOf(column.Distance?.JensenShannon),
                DistanceOf(column.Distance?.LInfinity ?? column.Distance?.KolmogorovSmirnov),
                column is { Left: { } left, Right: { } right } ? Sparkline.Of(left, right) : "",
                ComparisonJson.NameOf(column.Change).Replace('_', ' '));
        }

        table.Write(session, dropFirst: ["shape", "largest difference", "mean"]);
    }

    static string MissingOf(ColumnStatistics column) =>
        column.Count == 0 ? "" : ResultTable.Share((double)column.MissingCount / column.Count);

    static string DistinctOf(ColumnStatistics column) => column is { PresentCount: > 0, Distinct: { } distinct }
        ? $"{(distinct.IsExact ? "" : "≈ ")}{ResultTable.Count(distinct.Value)}"
        : "";

    /// <summary>Minimum, median, mean, maximum.</summary>
    static string[] Extremes(ColumnStatistics column) => column switch
    {
        { PresentCount: > 0, Numbers: { } numbers, Quantiles: { } quantiles } =>
        [
            ResultTable.Number(numbers.Min), ResultTable.Number(quantiles.Quantile(0.5)), ResultTable.Number(numbers.Mean),
            ResultTable.Number(numbers.Max),
        ],
        { Earliest: { } earliest, Latest: { } latest } => [TimestampText.Format(earliest), "", "", TimestampText.Format(latest)],
        _ => ["", "", "", ""],
    };

    /// <summary>The most frequent values, and what a person should know.</summary>
    static string Notes(ColumnStatistics column)
    {
        IEnumerable<string> warnings = ColumnWarning.Of(column).Select(warning => warning.Text);
        var values = column switch
        {
            { PresentCount: 0 } => "",
            { Values: { } top } => string.Join(
                ", ", top.Ordered(TopShown).Select(
                    value => $"{Shortened(value.Text)} ({ResultTable.Share((double)value.Count / top.Total)})")),
            { Type: DataType.Boolean } => $"true ({ShareOf(column.TrueCount, column)})",
            _ => "",
        };
        return string.Join("; ", warnings.Prepend(values).Where(part => part.Length > 0));
    }

    static string ShareOf(long count, ColumnStatistics column) => ResultTable.Share((double)count / column.PresentCount);

    static string Shortened(string text) => text.Length <= LongestValue ? text : $"{text.AsSpan(0, LongestValue - 1)}…";

    static string MeanOf(ColumnStatistics column) => column.Numbers is { Count: > 0 } numbers
        ? numbers.Mean.ToString("G4", CultureInfo.InvariantCulture)
        : "";

    static string Both(ColumnComparison column, Func<ColumnStatistics, string> text)
    {
        var (left, right) = (column.Left is null ? "" : text(column.Left), column.Right is null ? "" : text(column.Right));
        return left == right ? left : $"{left} → {right}".Trim();
    }

    static string ShiftOf(double? shift) => shift?.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) ?? "";

    static string DistanceOf(Distance? distance) => distance is not { } found ? "" :
        found.Value.ToString("0.000", CultureInfo.InvariantCulture) + (found.At is { } value ? $" at '{Shortened(value)}'" : "");
}

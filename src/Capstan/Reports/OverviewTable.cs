using System.Globalization;
using Capstan.Data;

namespace Capstan;

/// <summary>A line for each column, linked to its card.</summary>
static class OverviewTable
{
    const int Bins = 24;

    public static Markup Of(IEnumerable<ReportColumn> columns) => Markup.Of(
        $"""
        <table class="overview">
        <thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col">missing</th>
        <th scope="col" class="number">different</th>
        <th scope="col" class="number">min</th><th scope="col" class="number">median</th><th scope="col" class="number">mean</th>
        <th scope="col" class="number">max</th><th scope="col">shape</th><th scope="col">to know</th></tr></thead>
        <tbody>
        {columns.Select(Row)}</tbody>
        </table>
        """);

    public static Markup Of(IEnumerable<ColumnComparison> columns) => Markup.Of(
        $"""
        <table class="overview">
        <thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col">missing</th>
        <th scope="col" class="number">mean</th><th scope="col" class="number">shift / σ</th>
        <th scope="col" class="number">divergence</th><th scope="col" class="number">largest difference</th>
        <th scope="col">shape</th><th scope="col">verdict</th></tr></thead>
        <tbody>
        {columns.Select(Row)}</tbody>
        </table>
        """);

    static Markup Row(ReportColumn column, int index)
    {
        var statistics = column.Statistics;
        var chips = ColumnWarning.Of(statistics).Select(warning => ColumnCard.Chip(warning, warning.Name));
        return Markup.Of(
            $"""
            <tr>{Name(column.Name, index)}<td>{Schema.NameOf(statistics.Type)}</td>{Missing(statistics)}
            {Number(statistics.Distinct?.Value, Figures.Distinct(statistics))}{Extremes(statistics)}
            <td data-sort="">{ShapeDrawing.Small(ColumnShape.Of(statistics, null, Bins))}</td><td>{chips}</td></tr>

            """);
    }

    static Markup Extremes(ColumnStatistics column) => column switch
    {
        { PresentCount: > 0, Numbers: { } numbers, Quantiles: { } quantiles } => Markup.Of(
            $"{Number(numbers.Min)}{Number(quantiles.Quantile(0.5))}{Number(numbers.Mean)}{Number(numbers.Max)}"),
        { Earliest: { } earliest, Latest: { } latest } => Markup.Of(
            $"{Number(earliest, Figures.Day(earliest))}{Median(column)}<td></td>{Number(latest, Figures.Day(latest))}"),
        _ => Markup.Of($"<td></td><td></td><td></td><td></td>"),
    };

    static Markup Median(ColumnStatistics times) => times.Quantiles is { Count: > 0 } quantiles
        ? Number(quantiles.Quantile(0.5), Figures.Day(quantiles.Quantile(0.5)))
        : Markup.Of($"<td></td>");

    static Markup Row(ColumnComparison column, int index)
    {
        var distance = column.Distance;
        var type = (column.Left, column.Right) switch
        {
            ({ } left, { } right) when left.Type != right.Type => $"{Schema.NameOf(left.Type)} → {Schema.NameOf(right.Type)}",
            _ => Schema.NameOf((column.Left ?? column.Right)!.Type), // one side has it, or it would not be listed
        };
        var largest = distance?.LInfinity ?? distance?.KolmogorovSmirnov;
        return Markup.Of(
            $"""
            <tr>{Name(column.Name, index)}<td>{type}</td>{Missing(column)}{Means(column)}
            {Number(distance?.MeanShift, Shift(distance?.MeanShift))}{Number(distance?.JensenShannon)}{Number(largest)}
            <td data-sort="">{ShapeDrawing.Small(ColumnShape.Of(column, Bins))}</td>
            <td data-sort="{(long)column.Change}">{ColumnCard.Verdict(column.Change)}</td></tr>

            """);
    }

    static string Shift(double? shift) => shift?.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) ?? "";

    static Markup Means(ColumnComparison column) => (column.Left?.Numbers, column.Right?.Numbers) switch
    {
        ({ Count: > 0 } left, { Count: > 0 } right) => Markup.Of(
            $"<td class=\"number\" data-sort=\"\">{Figures.Rough(left.Mean)} → {Figures.Rough(right.Mean)}</td>"),
        _ => Markup.Of($"<td></td>"),
    };

    static Markup Name(string name, int index) => Markup.Of($"<th scope=\"row\"><a href=\"#c{index}\">{name}</a></th>");

    static Markup Missing(ColumnStatistics column)
    {
        var share = column.Count == 0 ? 0 : (double)column.MissingCount / column.Count;
        var bar = Markup.Of(
            $"<span class=\"missing\" aria-hidden=\"true\"><span style=\"inline-size:{100 * share}%\"></span></span>");
        return Markup.Of($"<td data-sort=\"{Exact(share)}\">{bar}{Figures.Share(share)}</td>");
    }

    static Markup Missing(ColumnComparison column)
    {
        if (column.Left is not { Count: > 0 } left || column.Right is not { Count: > 0 } right)
        {
            return Missing((column.Left ?? column.Right)!); // one side has it
        }

        var (before, after) = ((double)left.MissingCount / left.Count, (double)right.MissingCount / right.Count);
        var text = before == after ? Figures.Share(before) : $"{Figures.Share(before)} → {Figures.Share(after)}";
        return Markup.Of($"<td data-sort=\"{Exact(Math.Abs(after - before))}\">{text}</td>");
    }

    static Markup Number(Distance? distance) => Number(distance?.Value, ColumnCard.Distance(distance));

    static Markup Number(double value) => Number(value, Figures.Number(value));

    static Markup Number(double? value, string text) => value is { } number
        ? Markup.Of($"<td class=\"number\" data-sort=\"{Exact(number)}\">{text}</td>")
        : Markup.Of($"<td></td>");

    static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

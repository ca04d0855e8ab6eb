using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan;

/// <summary>
/// A page about a data set, or two side by side: one HTML file that loads nothing, follows the reader's choice of light or
/// dark, and needs no scripts but for sorting. Names and values are escaped, and the page's own policy lets nothing else run.
/// </summary>
public static class DataReport
{
    /// <param name="name">What the data is called.</param>
    /// <param name="associations">Shown, too, if given.</param>
    /// <param name="label">The column that values say something of; null for none.</param>
    public static string Html(string name, TableStatistics statistics, TableAssociations? associations = null, string? label = null)
    {
        ImmutableArray<ReportColumn> columns =
            [.. statistics.Schema.Fields.Zip(statistics.Columns, (field, column) => new ReportColumn(field.Name, column))];
        var warnings = columns.Sum(column => ColumnWarning.Of(column.Statistics).Count);
        var tiles = Markup.Of(
            $"""
            {Tile("rows", Figures.Count(statistics.RowCount))}
            {Tile("columns", Figures.Count(columns.Length))}
            {Tile("of all values missing", Figures.Share(MissingShare(statistics)))}
            {Tile(warnings == 1 ? "thing to know" : "things to know", Figures.Count(warnings))}
            """);
        var overview = OverviewTable.Of(columns);
        return Page(
            name, Markup.Of($"{name}"), tiles, overview,
            associations is null ? Markup.Nothing : AssociationTables.Of(associations, label),
            columns.Select((column, index) => ColumnCard.Of(column, index)));
    }

    /// <summary>The same for two data sets, such as training data and what came later.</summary>
    public static string Html(string name, TableStatistics statistics, string otherName, TableStatistics other)
    {
        var columns = TableComparison.Of(statistics, other);
        var moved = columns.Count(column => column.Change != ColumnChange.Alike);
        var tiles = Markup.Of(
            $"""
            {Tile("rows", Figures.Count(statistics.RowCount), Figures.Count(other.RowCount))}
            {Tile("columns", Figures.Count(statistics.Columns.Length), Figures.Count(other.Columns.Length))}
            {Tile("of all values missing", Figures.Share(MissingShare(statistics)), Figures.Share(MissingShare(other)))}
            {Tile(moved == 1 ? "column differs" : "columns differ", Figures.Count(moved))}
            """);
        var heading = Markup.Of(
            $"""
            <span class="key mine"></span>{name} <span class="quiet">and</span>
            <span class="key other"></span>{otherName}
            """);
        var sides = (name, otherName);
        return Page(
            $"{name} and {otherName}", heading, tiles, OverviewTable.Of(columns), Markup.Nothing,
            columns.Select((column, index) => ColumnCard.Of(column, index, sides)));
    }

    static Markup Tile(string what, params ReadOnlySpan<string> figures)
    {
        var shown = figures.Length == 1 ? Markup.Of($"{figures[0]}") : Markup.Of($"{figures[0]} → {figures[1]}");
        return Markup.Of($"<li><b>{shown}</b> {what}</li>");
    }

    static double MissingShare(TableStatistics statistics)
    {
        var cells = statistics.Columns.Sum(column => column.Count);
        return cells == 0 ? 0 : (double)statistics.Columns.Sum(column => column.MissingCount) / cells;
    }

    static string Page(
        string title, Markup heading, Markup tiles, Markup overview, Markup associations, IEnumerable<Markup> cards) => Markup.Of(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{Markup.Trusted(ReportStyle.Policy)}">
        <title>{title}: what the data holds</title>
        <style>
        {Markup.Trusted(ReportStyle.Sheet)}
        </style>
        </head>
        <body>
        <header>
        <h1>{heading}</h1>
        <ul class="tiles">
        {tiles}
        </ul>
        </header>
        <main>
        <h2 id="overview">Columns</h2>
        <div class="scroll" role="region" aria-labelledby="overview" tabindex="0">
        {overview}
        </div>{associations}
        <h2>One by one</h2>
        <div class="cards">
        {cards}</div>
        </main>
        <footer>Written by capstan describe. Counts, means and extremes are exact; quantiles and bars are exact up to 15,000
        values and within 0.1 % of the rank beyond; different values are exact up to 1,024 and within a few per cent beyond (≈).</footer>
        <script>{Markup.Trusted(ReportStyle.Script)}</script>
        </body>
        </html>

        """).ToString();
}

/// <summary>A column of one data set.</summary>
readonly record struct ReportColumn(string Name, ColumnStatistics Statistics);

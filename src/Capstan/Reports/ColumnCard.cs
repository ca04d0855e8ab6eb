using System.Diagnostics;
using System.Globalization;
using Capstan.Data;

namespace Capstan;

/// <summary>
/// All that is known of one column: drawing, statistics, most frequent values; of two data sets beside each other.
/// </summary>
static class ColumnCard
{
    const int Bins = 40;

    static readonly double[] Shares = [0.01, 0.25, 0.5, 0.75, 0.99];

    public static Markup Of(ReportColumn column, int index)
    {
        var statistics = column.Statistics;
        var chips = ColumnWarning.Of(statistics).Select(warning => Chip(warning, warning.Text));
        var shape = ColumnShape.Of(statistics, null, Bins);
        var facts = Facts(statistics).Select(fact =>
            Markup.Of($"<tr><th scope=\"row\">{fact.Name}</th><td>{fact.Value}</td></tr>\n"));
        return Markup.Of(
            $"""
            <article id="c{index}">
            <h3>{column.Name} <small>{Schema.NameOf(statistics.Type)}</small></h3>
            {chips}{Drawing(shape, column.Name, null)}
            <table class="facts"><tbody>
            {facts}</tbody></table>
            </article>

            """);
    }

    public static Markup Of(ColumnComparison column, int index, (string Mine, string Other) sides)
    {
        var shown = (column.Left ?? column.Right)!; // one side has it, or it would not be listed
        var shape = ColumnShape.Of(column, Bins);
        var bothShown = shape?.Bars.Any(bar => bar.OtherShare is not null) == true;
        return Markup.Of(
            $"""
            <article id="c{index}">
            <h3>{column.Name} <small>{Schema.NameOf(shown.Type)}</small></h3>
            {Verdict(column.Change)}{Drawing(shape, column.Name, bothShown ? sides : null)}
            <table class="facts both"><thead><tr><th scope="col"></th>
            <th scope="col" title="{sides.Mine}"><span class="key mine"></span>first</th>
            <th scope="col" title="{sides.Other}"><span class="key other"></span>second</th></tr></thead><tbody>
            {FactsOfBoth(column)}{Distances(column.Distance)}</tbody></table>
            </article>

            """);
    }

    public static Markup Chip(ColumnWarning warning, string text)
    {
        var isGrave = warning.Kind is WarningKind.Empty or WarningKind.Constant or WarningKind.MostlyMissing;
        return Markup.Of($"<span class=\"{(isGrave ? "chip bad" : "chip")}\" title=\"{warning.Text}\">{text}</span>");
    }

    public static Markup Verdict(ColumnChange change) => change switch
    {
        ColumnChange.Alike => Markup.Of($"<span class=\"chip calm\">alike</span>"),
        ColumnChange.Moved => Markup.Of($"<span class=\"chip\">moved</span>"),
        ColumnChange.MovedFar => Markup.Of($"<span class=\"chip bad\">moved far</span>"),
        ColumnChange.OtherType => Markup.Of($"<span class=\"chip bad\">other type</span>"),
        ColumnChange.Added => Markup.Of($"<span class=\"chip bad\">only in the second</span>"),
        ColumnChange.Removed => Markup.Of($"<span class=\"chip bad\">only in the first</span>"),
        _ => throw new UnreachableException(),
    };

    /// <summary>The value, and at whose share it was found.</summary>
    public static string Distance(Distance? distance)
    {
        var at = distance?.At is { } value ? $" at '{Figures.Short(value)}'" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{distance?.Value:0.000}{at}");
    }

    static Markup Drawing(ColumnShape? shape, string name, (string Mine, string Other)? sides) =>
        shape is null ? Markup.Nothing : ShapeDrawing.Large(shape, name, sides);

    static IEnumerable<Markup> FactsOfBoth(ColumnComparison column)
    {
        var mine = column.Left is null ? [] : Facts(column.Left).ToArray();
        var other = column.Right is null ? [] : Facts(column.Right).ToArray();
        return mine.Concat(other).Select(fact => fact.Name).Distinct().Select(name => Markup.Of(
            $"<tr><th scope=\"row\">{name}</th><td>{ValueOf(mine, name)}</td><td>{ValueOf(other, name)}</td></tr>\n"));
    }

    static string? ValueOf((string Name, string Value)[] facts, string name) =>
        facts.FirstOrDefault(fact => fact.Name == name).Value;

    static IEnumerable<Markup> Distances(ColumnDistance? distance)
    {
        (string Name, Distance? Value)[] measured = distance is null ? [] :
        [
            ("Jensen–Shannon divergence", distance.JensenShannon), ("largest change of a share (L∞)", distance.LInfinity),
            ("Kolmogorov–Smirnov distance", distance.KolmogorovSmirnov), ("change of missing", distance.Missing),
        ];
        return measured.Where(each => each.Value is not null).Select(each =>
        {
            var chance = each.Value?.IsSignificant == true ? "" : " (within chance)";
            return Markup.Of(
                $"<tr><th scope=\"row\">{each.Name}</th><td colspan=\"2\">{Distance(each.Value)}{chance}</td></tr>\n");
        });
    }

    static IEnumerable<(string Name, string Value)> Facts(ColumnStatistics column)
    {
        yield return ("values", Figures.Count(column.PresentCount));
        var missing = column.Count == 0 ? 0 : (double)column.MissingCount / column.Count;
        var count = Figures.Count(column.MissingCount);
        yield return ("missing", column.MissingCount == 0 ? "none" : $"{count} ({Figures.Share(missing)})");
        foreach (var fact in column.PresentCount == 0 ? [] : FactsOfValues(column))
        {
            yield return fact;
        }
    }

    static IEnumerable<(string Name, string Value)> FactsOfValues(ColumnStatistics column) => column switch
    {
        { Numbers: { } numbers, Quantiles: { } quantiles } =>
        [
            ("different", Figures.Distinct(column)),
            ("zeros", $"{Figures.Count(column.ZeroCount)} ({Figures.Share((double)column.ZeroCount / column.PresentCount)})"),
            ("mean", Figures.Number(numbers.Mean)), ("standard deviation", Figures.Number(numbers.StandardDeviation)),
            ("min", Figures.Number(numbers.Min)),
            .. Shares.Select(share => (share == 0.5 ? "median" : $"{share:0 %}", Figures.Number(quantiles.Quantile(share)))),
            ("max", Figures.Number(numbers.Max)),
        ],
        { Values: not null, Lengths: { } lengths } =>
        [
            ("different", Figures.Distinct(column)),
            (column.Type == DataType.TextList ? "mean items" : "mean bytes", Figures.Number(lengths.Mean)),
            ("least and most", $"{Figures.Number(lengths.Min)} to {Figures.Number(lengths.Max)}"),
        ],
        { Earliest: { } earliest, Latest: { } latest } =>
        [
            ("first", Figures.Time(earliest)),
            .. column.Quantiles is { } times ? [("median", Figures.Time(times.Quantile(0.5)))] : Array.Empty<(string, string)>(),
            ("last", Figures.Time(latest)),
        ],
        _ => [("true", $"{Figures.Count(column.TrueCount)} ({Figures.Share((double)column.TrueCount / column.PresentCount)})")],
    };
}

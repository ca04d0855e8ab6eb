using System.Globalization;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// A page about an evaluation: one HTML file that loads and runs nothing and follows the reader's choice of light or dark. Names and
/// values are escaped.
/// </summary>
static class EvaluationPage
{
    public static Markup Of(EvaluationReport report)
    {
        var primary = report.Overall.PrimaryMetric;
        var title = $"{report.Model} on {report.Data}";
        var tiles = Markup.Of(
            $"""
            <li><b>{Figures.Count(report.Overall.RowCount)}</b> rows</li>
            <li><b>{Shown(primary.Value)}</b> {primary.Name}</li>
            <li><b>{report.Label}</b> label</li>
            <li><b>{report.Hash.Short}</b> model's hash</li>
            """);
        return Markup.Of(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Markup.Trusted(PlotStyle.Policy)}">
            <title>{title}: how good the model is</title>
            <style>
            {Markup.Trusted(ReportStyle.Sheet)}
            {Markup.Trusted(PlotStyle.Sheet)}
            </style>
            </head>
            <body>
            <header>
            <h1>{report.Model} <span class="quiet">on</span> {report.Data}</h1>
            <ul class="tiles">
            {tiles}
            </ul>
            </header>
            <main>
            {Metrics(report)}{Section("Curves", Markup.Of($"<div class=\"plots\">{EvaluationPlots.Of(report)}</div>"))}{Thresholds(report)}{Classes(report)}{ErrorFigures(report)}{IntervalFigures(report)}{report.Slicings.Select(slicing => SliceTable.Of(slicing, report.Overall))}</main>
            <footer>Written by capstan evaluate. {Footer(report)}</footer>
            </body>
            </html>

            """);
    }

    static string Footer(EvaluationReport report)
    {
        var confidence = 100 * report.Overall.Metrics.Select(metric => metric.Interval?.Confidence).FirstOrDefault(found => found is not null) ?? 0;
        var intervals = report.Replicates == 0
            ? "No intervals were asked for."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Intervals have {confidence:0.#} % confidence, by {report.Replicates:N0} bootstrap replicates; p-values are two-sided, of the same rows.");
        var sample = report.RowsKept < report.Overall.RowCount
            ? $" Curves and slices are of a uniform sample of {Figures.Count(report.RowsKept)} rows; the metrics of all."
            : "";
        return intervals + sample;
    }

    static Markup Section(string heading, Markup content) => Markup.Of(
        $"""
        <h2>{heading}</h2>
        {content}

        """);

    static Markup Scroll(Markup table) => Markup.Of($"<div class=\"scroll\" role=\"region\" tabindex=\"0\">{table}</div>");

    static Markup Metrics(EvaluationReport report)
    {
        var others = report.Against.Select(other =>
            Markup.Of($"<th scope=\"col\" class=\"number\">{other.Model}</th><th scope=\"col\" class=\"number\">difference</th><th scope=\"col\" class=\"number\">p</th>"));
        var rows = report.Overall.Metrics.Select((metric, index) =>
        {
            var beside = report.Against.Select(other => Beside(other.Evaluation.Metrics[index], other.Differences[index]));
            return Markup.Of(
                $"<tr><th scope=\"row\">{metric.Name}</th><td class=\"number\">{Shown(metric.Value)}</td><td class=\"number\">{Interval(metric.Interval)}</td>{beside}</tr>\n");
        });
        return Section("Metrics", Scroll(Markup.Of(
            $"""
            <table class="overview"><thead><tr><th scope="col">metric</th><th scope="col" class="number">{report.Model}</th><th scope="col" class="number">interval</th>{others}</tr></thead><tbody>
            {rows}</tbody></table>
            """)));
    }

    static Markup Beside(Metric metric, MetricDifference difference)
    {
        var verdict = difference.Verdict switch
        {
            > 0 => Markup.Of($" <span class=\"chip calm\">better</span>"),
            < 0 => Markup.Of($" <span class=\"chip bad\">worse</span>"),
            _ => Markup.Nothing,
        };
        return Markup.Of(
            $"<td class=\"number\">{Shown(metric.Value)}</td><td class=\"number\">{Signed(difference.Value)}{verdict}</td><td class=\"number\">{PValue(difference.PValue)}</td>");
    }

    static Markup Thresholds(EvaluationReport report)
    {
        if (report.Thresholds.IsEmpty)
        {
            return Markup.Nothing;
        }

        var best = report.Curve?.BestF1?.Threshold;
        var rows = report.Thresholds.Select(point =>
        {
            var mark = point.Threshold == best ? Markup.Of($" <span class=\"chip calm\">best F1</span>") : Markup.Nothing;
            return Markup.Of(
                $"<tr><th scope=\"row\">above {Figures.Rough(point.Threshold)}{mark}</th><td class=\"number\">{Shown(point.Precision)}</td><td class=\"number\">{Shown(point.Recall)}</td><td class=\"number\">{Shown(point.F1)}</td><td class=\"number\">{Shown(point.MatthewsCorrelation)}</td><td class=\"number\">{Shown(point.Accuracy)}</td><td class=\"number\">{Figures.Number(point.TruePositives)}</td><td class=\"number\">{Figures.Number(point.FalsePositives)}</td><td class=\"number\">{Figures.Number(point.FalseNegatives)}</td><td class=\"number\">{Figures.Number(point.TrueNegatives)}</td></tr>\n");
        });
        return Section("Called positive", Scroll(Markup.Of(
            $"""
            <table class="overview"><thead><tr><th scope="col">probability</th><th scope="col" class="number">precision</th><th scope="col" class="number">recall</th><th scope="col" class="number">F1</th><th scope="col" class="number">Matthews</th><th scope="col" class="number">accuracy</th><th scope="col" class="number">true positives</th><th scope="col" class="number">false positives</th><th scope="col" class="number">false negatives</th><th scope="col" class="number">true negatives</th></tr></thead><tbody>
            {rows}</tbody></table>
            """)));
    }

    static Markup Classes(EvaluationReport report)
    {
        if (report.Classes.IsEmpty)
        {
            return Markup.Nothing;
        }

        var rows = report.Classes.Select(each => Markup.Of(
            $"<tr><th scope=\"row\">{each.Name}</th><td class=\"number\">{Shown(each.Evaluation["positive_share"])}</td><td class=\"number\">{Shown(each.Evaluation["auc"])}</td><td class=\"number\">{Shown(each.Evaluation["average_precision"])}</td><td class=\"number\">{Shown(each.Evaluation["calibration_error"])}</td></tr>\n"));
        return Section("Each class against the rest", Scroll(Markup.Of(
            $"""
            <table class="overview"><thead><tr><th scope="col">class</th><th scope="col" class="number">share</th><th scope="col" class="number">auc</th><th scope="col" class="number">average precision</th><th scope="col" class="number">calibration error</th></tr></thead><tbody>
            {rows}</tbody></table>
            """)));
    }

    static Markup ErrorFigures(EvaluationReport report)
    {
        if (report.Residuals is not { AbsoluteErrors: var (half, most, nearlyAll) } residuals)
        {
            return Markup.Nothing;
        }

        (string, string)[] figures =
        [
            ("half of the errors are within", Shown(half)), ("90 % of the errors are within", Shown(most)),
            ("99 % of the errors are within", Shown(nearlyAll)), ("mean absolute percentage error", Shown(residuals.MeanAbsolutePercentage)),
            ("explained variance", Shown(residuals.ExplainedVariance)), ("share of the squared error that is bias", Shown(residuals.BiasShare)),
        ];
        var rows = figures.Select(figure => Markup.Of($"<tr><th scope=\"row\">{figure.Item1}</th><td class=\"number\">{figure.Item2}</td></tr>\n"));
        return Section("Errors", Scroll(Markup.Of($"<table class=\"overview\"><tbody>\n{rows}</tbody></table>")));
    }

    static Markup IntervalFigures(EvaluationReport report)
    {
        if (report.Intervals is not { } intervals)
        {
            return Markup.Nothing;
        }

        (string, string)[] figures =
        [
            ("share of labels promised to lie inside", Shown(intervals.Promised)), ("share that did", Shown(intervals.Coverage)),
            ("its standard error", Shown(intervals.StandardError)), ("mean width", Shown(intervals.MeanWidth)),
        ];
        var rows = figures.Select(figure => Markup.Of($"<tr><th scope=\"row\">{figure.Item1}</th><td class=\"number\">{figure.Item2}</td></tr>\n"));
        return Section("Prediction intervals", Scroll(Markup.Of($"<table class=\"overview\"><tbody>\n{rows}</tbody></table>")));
    }

    internal static string Shown(double? value) => value is { } number ? Figures.Number(number) : "undefined";

    internal static string Interval(ConfidenceInterval? interval) =>
        interval is { } found ? $"{Figures.Number(found.Low)} to {Figures.Number(found.High)}" : "";

    static string Signed(double? value) => value is { } number ? $"{(number > 0 ? "+" : "")}{Figures.Number(number)}" : "undefined";

    static string PValue(double? p) => p switch
    {
        null => "",
        < 0.0001 => "< 0.0001",
        _ => p.Value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}

using System.Globalization;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>An evaluation from all sides, for people.</summary>
static class EvaluationReportText
{
    // Of a slice's metrics so many are shown beside each other; the page and --json have all.
    const int SliceMetrics = 4;

    public static void Write(CommandSession session, EvaluationReport report)
    {
        EvaluationResult.Write(session, report.Overall);
        if (report.Replicates > 0)
        {
            session.Terminal.Output.WriteLine(
                $"intervals: {Confidence(report)} confidence, {ResultTable.Count(report.Replicates)} bootstrap replicates");
        }

        WriteThresholds(session, report);
        WriteClasses(session, report);
        WriteErrors(session, report.Residuals);
        WriteIntervals(session, report.Intervals);
        foreach (var slicing in report.Slicings)
        {
            WriteSlices(session, slicing);
        }

        foreach (var other in report.Against)
        {
            WriteComparison(session, report, other);
        }

        if (report.RowsKept < report.Overall.RowCount)
        {
            session.Remark(
                $"Note: all but the metrics of all rows are of a uniform sample of {ResultTable.Count(report.RowsKept)} rows.");
        }
    }

    static void WriteThresholds(CommandSession session, EvaluationReport report)
    {
        if (report.Thresholds.IsEmpty)
        {
            return;
        }

        session.Terminal.Output.WriteLine("called positive above a probability, the last at the best F1");
        var table = new ResultTable(
            "#above", "#precision", "#recall", "#f1", "#matthews", "#true positives", "#false positives", "#false negatives",
            "#true negatives");
        foreach (var point in report.Thresholds)
        {
            table.Add(
                point.Threshold.ToString("0.0000", CultureInfo.InvariantCulture), Shown(point.Precision), Shown(point.Recall),
                Shown(point.F1),
                Shown(point.MatthewsCorrelation), ResultTable.Number(point.TruePositives),
                ResultTable.Number(point.FalsePositives),
                ResultTable.Number(point.FalseNegatives), ResultTable.Number(point.TrueNegatives));
        }

        table.Write(session);
    }

    static void WriteClasses(CommandSession session, EvaluationReport report)
    {
        if (report.Classes.IsEmpty)
        {
            return;
        }

        session.Terminal.Output.WriteLine("each class against the rest");
        var table = new ResultTable("class", "#share", "#auc", "#average precision", "#calibration error");
        foreach (var (name, evaluation, _) in report.Classes)
        {
            table.Add(
                name, Shown(evaluation["positive_share"]), Shown(evaluation["auc"]), Shown(evaluation["average_precision"]),
                Shown(evaluation["calibration_error"]));
        }

        table.Write(session);
    }

    static void WriteErrors(CommandSession session, Residuals? residuals)
    {
        if (residuals is not { AbsoluteErrors: var (half, most, nearlyAll) })
        {
            return;
        }

        var output = session.Terminal.Output;
        output.WriteLine($"errors: half within {Shown(half)}, 90 % within {Shown(most)}, 99 % within {Shown(nearlyAll)}");
        output.WriteLine(
            $"mean absolute percentage error {Shown(residuals.MeanAbsolutePercentage)}, explained variance " +
                $"{Shown(residuals.ExplainedVariance)}, share of the squared error that is bias {Shown(residuals.BiasShare)}");
    }

    static void WriteIntervals(CommandSession session, IntervalEvaluation? intervals)
    {
        if (intervals is not null)
        {
            session.Terminal.Output.WriteLine(
                $"prediction intervals: {Shown(100 * intervals.Coverage)} % of the labels inside ± {Shown(100 * intervals.StandardError)}, " +
                $"promised {Shown(100 * intervals.Promised)} %; mean width {Shown(intervals.MeanWidth)}");
        }
    }

    static void WriteSlices(CommandSession session, Slicing slicing)
    {
        if (slicing.Slices.IsEmpty)
        {
            return;
        }

        var metrics = slicing.Slices[0].Evaluation.Metrics;
        session.Terminal.Output.WriteLine($"by {slicing.By}");
        var table = new ResultTable(
            [slicing.By, "#rows", $"#{metrics[0].Name}", "interval",
                .. metrics.Skip(1).Take(SliceMetrics - 1).Select(metric => $"#{metric.Name}"), ""]);
        foreach (var slice in slicing.Slices)
        {
            var found = slice.Evaluation.Metrics;
            table.Add(
            [
                slice.Name, ResultTable.Count(slice.Evaluation.RowCount), Shown(found[0].Value), Interval(found[0].Interval),
                .. found.Skip(1).Take(SliceMetrics - 1).Select(metric => Shown(metric.Value)), slice.IsSmall ? "few rows" : "",
            ]);
        }

        table.Write(session);
    }

    static void WriteComparison(CommandSession session, EvaluationReport report, ModelComparison other)
    {
        session.Terminal.Output.WriteLine($"against {other.Model}");
        var table = new ResultTable("metric", $"#{report.Model}", $"#{other.Model}", "#difference", "interval", "#p", "");
        foreach (var (metric, index) in report.Overall.Metrics.Select((metric, index) => (metric, index)))
        {
            var difference = other.Differences[index];
            table.Add(
                metric.Name, Shown(metric.Value), Shown(other.Evaluation.Metrics[index].Value), Shown(difference.Value),
                Interval(difference.Interval), PValue(difference.PValue),
                difference.Verdict switch { > 0 => "better", < 0 => "worse", _ => "" });
        }

        table.Write(session);
    }

    static string Confidence(EvaluationReport report) => ResultTable.Share(
        report.Overall.Metrics.Select(metric => metric.Interval?.Confidence).FirstOrDefault(found => found is not null) ?? 0.95);

    static string Shown(double? value) => value is { } number ? number.ToString("G5", CultureInfo.InvariantCulture) : "undefined";

    static string Interval(ConfidenceInterval? interval) => interval is { } found ? $"{Shown(found.Low)} to {Shown(found.High)}"
        : "";

    static string PValue(double? p) => p switch
    {
        null => "",
        < 0.0001 => "< 0.0001",
        _ => p.Value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}

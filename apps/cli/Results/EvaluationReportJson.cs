using System.Text.Json;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>An evaluation from all sides, for programs: members for an object that is being written.</summary>
static class EvaluationReportJson
{
    public static void Write(Utf8JsonWriter json, EvaluationReport report)
    {
        EvaluationResult.Write(json, report.Overall);
        json.WriteNumber("replicates", report.Replicates);
        json.WriteNumber("rowsKept", report.RowsKept);
        WriteIntervals(json, report.Overall);
        Points(json, "thresholds", report.Thresholds);
        Points(json, "curve", report.Curve?.Points ?? []);
        WriteClasses(json, report);
        WriteResiduals(json, report.Residuals);
        WriteIntervals(json, report.Intervals);
        json.WriteStartArray("slices");
        foreach (var (slicing, slice) in report.Slicings.SelectMany(slicing => slicing.Slices.Select(slice => (slicing, slice))))
        {
            json.WriteStartObject();
            json.WriteString("by", slicing.By);
            json.WriteString("name", slice.Name);
            json.WriteNumber("share", slice.Share);
            json.WriteBoolean("isSmall", slice.IsSmall);
            EvaluationResult.Write(json, slice.Evaluation);
            WriteIntervals(json, slice.Evaluation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("against");
        foreach (var other in report.Against)
        {
            json.WriteStartObject();
            json.WriteString("model", other.Model);
            json.WriteString("hash", other.Hash.ToString());
            EvaluationResult.Write(json, other.Evaluation);
            WriteIntervals(json, other.Evaluation);
            WriteDifferences(json, other);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteIntervals(Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteStartObject("intervals");
        foreach (var metric in evaluation.Metrics)
        {
            Interval(json, metric.Name, metric.Interval);
        }

        json.WriteEndObject();
    }

    static void WriteDifferences(Utf8JsonWriter json, ModelComparison other)
    {
        json.WriteStartObject("differences");
        foreach (var difference in other.Differences)
        {
            json.WriteStartObject(difference.Name);
            Number(json, "value", difference.Value);
            Interval(json, "interval", difference.Interval);
            Number(json, "pValue", difference.PValue);
            json.WriteNumber("verdict", difference.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void Points(Utf8JsonWriter json, string name, IEnumerable<OperatingPoint> points)
    {
        json.WriteStartArray(name);
        foreach (var point in points)
        {
            json.WriteStartObject();
            json.WriteNumber("threshold", point.Threshold);
            json.WriteNumber("truePositives", point.TruePositives);
            json.WriteNumber("falsePositives", point.FalsePositives);
            json.WriteNumber("falseNegatives", point.FalseNegatives);
            json.WriteNumber("trueNegatives", point.TrueNegatives);
            Number(json, "precision", point.Precision);
            Number(json, "recall", point.Recall);
            Number(json, "f1", point.F1);
            Number(json, "matthewsCorrelation", point.MatthewsCorrelation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteClasses(Utf8JsonWriter json, EvaluationReport report)
    {
        json.WriteStartArray("classes");
        foreach (var (name, evaluation, curve) in report.Classes)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            EvaluationResult.Write(json, evaluation);
            Points(json, "curve", curve.Points);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteResiduals(Utf8JsonWriter json, Residuals? residuals)
    {
        if (residuals is null)
        {
            json.WriteNull("residuals");
            return;
        }

        json.WriteStartObject("residuals");
        Number(json, "absoluteP50", residuals.AbsoluteErrors?.P50);
        Number(json, "absoluteP90", residuals.AbsoluteErrors?.P90);
        Number(json, "absoluteP99", residuals.AbsoluteErrors?.P99);
        Number(json, "meanAbsolutePercentage", residuals.MeanAbsolutePercentage);
        Number(json, "explainedVariance", residuals.ExplainedVariance);
        Number(json, "biasShare", residuals.BiasShare);
        json.WriteStartArray("byPrediction");
        foreach (var bin in residuals.ByPrediction)
        {
            json.WriteStartObject();
            json.WriteNumber("low", bin.Low);
            json.WriteNumber("high", bin.High);
            json.WriteNumber("weight", bin.Weight);
            json.WriteNumber("mean", bin.Mean);
            json.WriteNumber("p10", bin.P10);
            json.WriteNumber("median", bin.Median);
            json.WriteNumber("p90", bin.P90);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("histogram");
        foreach (var bin in residuals.Histogram.Bins)
        {
            json.WriteStartObject();
            json.WriteNumber("low", bin.Low);
            json.WriteNumber("high", bin.High);
            json.WriteNumber("rows", bin.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteIntervals(Utf8JsonWriter json, IntervalEvaluation? intervals)
    {
        if (intervals is null)
        {
            json.WriteNull("predictionIntervals");
            return;
        }

        json.WriteStartObject("predictionIntervals");
        json.WriteNumber("promised", intervals.Promised);
        Number(json, "coverage", intervals.Coverage);
        Number(json, "standardError", intervals.StandardError);
        Number(json, "meanWidth", intervals.MeanWidth);
        json.WriteEndObject();
    }

    static void Interval(Utf8JsonWriter json, string name, ConfidenceInterval? interval)
    {
        if (interval is not { } found)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("low", found.Low);
        json.WriteNumber("high", found.High);
        json.WriteNumber("standardError", found.StandardError);
        json.WriteEndObject();
    }

    static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}

using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// How good a model is on some rows, seen from all sides: with intervals, curves, by slice, beside other models.
/// </summary>
public sealed class EvaluationReport
{
    internal EvaluationReport()
    {
    }

    public required string Model { get; init; }

    public required ContentHash Hash { get; init; }

    /// <summary>What the data is called.</summary>
    public required string Data { get; init; }

    /// <summary>The label, as an expression.</summary>
    public required string Label { get; init; }

    /// <summary>The metrics of all rows, with their intervals.</summary>
    public required Evaluation Overall { get; init; }

    /// <summary>
    /// How many rows curves, thresholds and slices were computed from: all of them, or a uniform sample of as many.
    /// </summary>
    public required int RowsKept { get; init; }

    /// <summary>How often the rows were drawn again for the intervals; 0 for none.</summary>
    public required int Replicates { get; init; }

    /// <summary>Classification of two classes: ROC, precision-recall, gain and lift; null otherwise.</summary>
    public OperatingCurve? Curve { get; init; }

    /// <summary>Classification of two classes: at the thresholds asked for, and then at that of the best F1.</summary>
    public ImmutableArray<OperatingPoint> Thresholds { get; init; } = [];

    /// <summary>Classification of several classes: those of most rows, each against all others, in the model's order; empty
    /// otherwise.</summary>
    public ImmutableArray<ClassCurve> Classes { get; init; } = [];

    /// <summary>Regression: how the errors are distributed; null otherwise.</summary>
    public Residuals? Residuals { get; init; }

    /// <summary>How the model's intervals held; null of a model without.</summary>
    public IntervalEvaluation? Intervals { get; init; }

    public required ImmutableArray<Slicing> Slicings { get; init; }

    public required ImmutableArray<ModelComparison> Against { get; init; }

    /// <summary>The losses of each epoch of training.</summary>
    public required IReadOnlyList<EpochLosses> Epochs { get; init; }

    /// <summary>All of it as one HTML page that loads nothing and runs nothing, in light or dark as the reader has it.</summary>
    public string ToHtml() => EvaluationPage.Of(this).ToString();

    public override string ToString() => Overall.ToString();
}

/// <summary>How well one class is told from all others.</summary>
/// <param name="Evaluation">As of a classifier of two classes, this one the positive one.</param>
/// <param name="Curve">ROC, precision-recall, gain and lift.</param>
public sealed record ClassCurve(string Name, Evaluation Evaluation, OperatingCurve Curve);

/// <summary>The metrics by the values of one column or expression.</summary>
public sealed record Slicing(string By, ImmutableArray<Slice> Slices);

/// <summary>Some of the rows.</summary>
/// <param name="Name">Their value, or "low to high".</param>
/// <param name="Share">Of the rows, 0 to 1.</param>
/// <param name="IsSmall">There are too few rows to say much.</param>
public sealed record Slice(string Name, Evaluation Evaluation, double Share, bool IsSmall);

/// <summary>Another model on the same rows.</summary>
/// <param name="Differences">Metric by metric, the evaluated model's less this one's.</param>
public sealed record ModelComparison(
    string Model, ContentHash Hash, Evaluation Evaluation, ImmutableArray<MetricDifference> Differences);

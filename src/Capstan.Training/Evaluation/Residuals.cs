using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>Rows of similar predictions: what their errors look like.</summary>
/// <param name="Low">The smallest prediction.</param>
/// <param name="High">The largest one.</param>
/// <param name="Weight">The sum of the rows' weights.</param>
/// <param name="Mean">Their mean error: what predictions here should be lowered by.</param>
/// <param name="P10">A tenth of the weight has an error of at most this.</param>
/// <param name="Median">The middle error.</param>
/// <param name="P90">A tenth of the weight has a larger error than this.</param>
public readonly record struct ResidualBin(double Low, double High, double Weight, double Mean, double P10, double Median, double P90);

/// <summary>The errors of a regression, error = prediction − label: how they are distributed, and where they come from.</summary>
/// <remarks>
/// Source: definitions as in scikit-learn (median_absolute_error, mean_absolute_percentage_error, explained_variance_score), except
/// that a percentage of a label of 0 is not defined, where it takes 2.2e-16 for it.
/// </remarks>
public sealed class Residuals
{
    const int Bins = 20;
    const int Bars = 40;

    Residuals()
    {
    }

    /// <summary>Up to twenty bins of about equal weight, by rising prediction; equal predictions are never divided.</summary>
    public required ImmutableArray<ResidualBin> ByPrediction { get; init; }

    /// <summary>Of the errors, each row counted once, over the bulk of them.</summary>
    public required Histogram Histogram { get; init; }

    /// <summary>Quantiles of |error|: half, 90 % and 99 % of the weight are no further off. Null without rows of any weight.</summary>
    public required (double P50, double P90, double P99)? AbsoluteErrors { get; init; }

    /// <summary>Mean of |error / label|; null where a label is 0 or there are no rows.</summary>
    public required double? MeanAbsolutePercentage { get; init; }

    /// <summary>1 − variance of the errors / variance of the labels; null where the labels are all alike.</summary>
    public required double? ExplainedVariance { get; init; }

    /// <summary>The share of the mean squared error that a constant correction would take away: bias² / mse; null without errors.</summary>
    public required double? BiasShare { get; init; }

    /// <param name="scores">[rows] predicted values.</param>
    /// <param name="labels">[rows].</param>
    /// <param name="weights">[rows], finite and ≥ 0.</param>
    public static Residuals Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Evaluators.Check(scores, labels, weights, labelsAreClasses: false);
        var rows = new List<Row>(scores.Length);
        var sketch = new QuantileSketch();
        for (var row = 0; row < scores.Length; row++)
        {
            if (weights[row] > 0)
            {
                rows.Add(new Row(scores[row], labels[row], weights[row]));
                sketch.Observe(rows[^1].Error);
            }
        }

        // Completely ordered, so that no sum depends on the order of arrival.
        rows.Sort((left, right) => (left.Score, left.Label, left.Weight).CompareTo((right.Score, right.Label, right.Weight)));
        var weight = rows.Sum(row => row.Weight);
        var (bias, labelMean) = (MeanOf(rows, row => row.Error), MeanOf(rows, row => row.Label));
        var squares = MeanOf(rows, row => row.Error * row.Error);
        var labelVariance = MeanOf(rows, row => (row.Label - labelMean) * (row.Label - labelMean));
        var absolute = rows.Select(row => (Value: Math.Abs(row.Error), row.Weight)).Order().ToArray();
        return new Residuals
        {
            ByPrediction = BinsOf(rows, weight),
            Histogram = Histogram.OfBulk(sketch, Bars, whole: false),
            AbsoluteErrors = rows.Count == 0
                ? null
                : (QuantileOf(absolute, 0.5), QuantileOf(absolute, 0.9), QuantileOf(absolute, 0.99)),
            MeanAbsolutePercentage =
                rows.Count == 0 || rows.Any(row => row.Label == 0) ? null : MeanOf(rows, row => Math.Abs(row.Error / row.Label)),
            ExplainedVariance =
                labelVariance > 0 ? 1 - MeanOf(rows, row => (row.Error - bias) * (row.Error - bias)) / labelVariance : null,
            BiasShare = squares > 0 ? bias * bias / squares : null,
        };
    }

    static double MeanOf(List<Row> rows, Func<Row, double> value) =>
        rows.Count == 0 ? 0 : rows.Sum(row => row.Weight * value(row)) / rows.Sum(row => row.Weight);

    static ImmutableArray<ResidualBin> BinsOf(List<Row> rows, double total)
    {
        var bins = ImmutableArray.CreateBuilder<ResidualBin>();
        var (start, done) = (0, 0.0);
        for (var row = 0; row < rows.Count; row++)
        {
            done += rows[row].Weight;
            var isDivided = row + 1 < rows.Count && rows[row + 1].Score == rows[row].Score;

            // A bin ends where its share of the total weight is reached; the last one where all is, both up to rounding.
            if (!isDivided && (row == rows.Count - 1 || done >= total * (bins.Count + 1) / Bins * (1 - 1e-12)))
            {
                bins.Add(BinOf(rows.GetRange(start, row + 1 - start)));
                start = row + 1;
            }
        }

        return bins.ToImmutable();
    }

    static ResidualBin BinOf(List<Row> rows)
    {
        var errors = rows.Select(row => (row.Error, row.Weight)).Order().ToArray();
        return new ResidualBin(
            rows[0].Score, rows[^1].Score, rows.Sum(row => row.Weight), MeanOf(rows, row => row.Error),
            QuantileOf(errors, 0.1), QuantileOf(errors, 0.5), QuantileOf(errors, 0.9));
    }

    /// <summary>The smallest value that at least the share of the weight does not exceed.</summary>
    static double QuantileOf((double Value, double Weight)[] ascending, double share)
    {
        var (wanted, sum) = (share * ascending.Sum(each => each.Weight) * (1 - 1e-12), 0.0);
        foreach (var (value, weight) in ascending)
        {
            sum += weight;
            if (sum >= wanted)
            {
                return value;
            }
        }

        return ascending[^1].Value;
    }

    readonly record struct Row(double Score, double Label, double Weight)
    {
        public double Error => Score - Label;
    }
}

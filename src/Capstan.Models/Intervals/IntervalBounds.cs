using System.Diagnostics;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Computes the ends of intervals. Not thread-safe; any number may share one model. Allocates nothing after warm-up.
/// </summary>
/// <param name="output">What the model gives: where its values are above 0, no interval goes below it.</param>
public sealed class IntervalBounds(PredictionIntervals intervals, ModelOutput output)
{
    readonly PredictorWorkspace? _lowerWorkspace = (intervals as PredictionIntervals.Quantiles)?.Lower.CreateWorkspace();
    readonly PredictorWorkspace? _upperWorkspace = (intervals as PredictionIntervals.Quantiles)?.Upper.CreateWorkspace();
    float[] _lower = [];
    float[] _upper = [];

    /// <param name="features">The rows.</param>
    /// <param name="predictions">[features.RowCount] what the model predicts for them.</param>
    /// <param name="bounds">[features.RowCount × 2], overwritten: where each row's interval begins and ends; both belong to
    /// it.</param>
    /// <exception cref="ArgumentException">A length is another one.</exception>
    public void Compute(FeatureBuffer features, ReadOnlySpan<float> predictions, Span<float> bounds)
    {
        if (predictions.Length != features.RowCount || bounds.Length != 2L * features.RowCount)
        {
            throw new ArgumentException(
                $"There are {predictions.Length:N0} predictions and room for {bounds.Length:N0} ends; " +
                $"{features.RowCount:N0} rows have one and two each.");
        }

        switch (intervals)
        {
            case PredictionIntervals.Around around:
                for (var row = 0; row < predictions.Length; row++)
                {
                    Set(bounds, row, predictions[row], predictions[row] - around.HalfWidth, predictions[row] + around.HalfWidth);
                }

                break;
            case PredictionIntervals.Quantiles quantiles:
                Quantiles(quantiles, features, predictions, bounds);
                break;
            default:
                throw new UnreachableException();
        }
    }

    void Quantiles(
        PredictionIntervals.Quantiles quantiles, FeatureBuffer features, ReadOnlySpan<float> predictions, Span<float> bounds)
    {
        if (_lower.Length < predictions.Length)
        {
            (_lower, _upper) = (new float[predictions.Length], new float[predictions.Length]);
        }

        var lower = _lower.AsSpan(0, predictions.Length);
        var upper = _upper.AsSpan(0, predictions.Length);
        quantiles.Lower.Predict(features, lower, _lowerWorkspace!); // made of the same intervals
        quantiles.Upper.Predict(features, upper, _upperWorkspace!);
        for (var row = 0; row < predictions.Length; row++)
        {
            Set(bounds, row, predictions[row], lower[row] - quantiles.Widening, upper[row] + quantiles.Widening);
        }
    }

    void Set(Span<float> bounds, int row, float prediction, double low, double high)
    {
        if (output.Link == Link.Log)
        {
            low = Math.Max(low, 0);
        }

        // Rounded outwards: a label exactly at the end must not fall out by half a digit.
        var (first, last) = ((float)low, (float)high);
        bounds[2 * row] = MathF.Min(prediction, first > low ? MathF.BitDecrement(first) : first);
        bounds[2 * row + 1] = MathF.Max(prediction, last < high ? MathF.BitIncrement(last) : last);
    }
}

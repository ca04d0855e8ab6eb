namespace Capstan;

/// <summary>A predicted value, and where the real one will lie.</summary>
/// <param name="Lower">Where the interval begins; it belongs to it.</param>
/// <param name="Upper">Where it ends; it belongs to it.</param>
public readonly record struct PredictedInterval(float Prediction, float Lower, float Upper);

/// <summary>Values with intervals.</summary>
public sealed partial class TrainedModel
{
    /// <summary>Predicts some objects with the properties that the training rows had, with intervals.</summary>
    /// <exception cref="InvalidOperationException">The model has none: it was trained without.</exception>
    public async Task<PredictedInterval[]> PredictIntervalsAsync<T>(IEnumerable<T> rows, CancellationToken cancellationToken = default)
    {
        if (Artifact.Intervals is null)
        {
            throw new InvalidOperationException(
                $"The model '{Name}' has no intervals; train a regressor with Intervals = 0.9, say (\"intervals\": 0.9 in a pipeline file).");
        }

        var found = new List<PredictedInterval>();
        await foreach (var batch in PredictAsync(Dataset.From(rows), [], cancellationToken))
        {
            for (var row = 0; row < batch.Rows.RowCount; row++)
            {
                found.Add(new PredictedInterval(batch.Predictions.Span[row], batch.Bounds.Span[2 * row], batch.Bounds.Span[2 * row + 1]));
            }
        }

        return [.. found];
    }
}

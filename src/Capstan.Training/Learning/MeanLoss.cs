using Capstan.Models;

namespace Capstan.Training;

/// <summary>How well a predictor does on stored rows, by the loss that it was trained with.</summary>
static class MeanLoss
{
    /// <returns>Σ weight × loss / Σ weight.</returns>
    /// <exception cref="ArgumentException">The rows have no weight.</exception>
    public static double Of(
        Loss loss, IPredictor predictor, FeatureStore rows, int batchSize, CancellationToken cancellationToken)
    {
        if (rows.Labels.WeightSum == 0)
        {
            throw new ArgumentException(
                $"The {rows.RowCount:N0} rows to evaluate on have a total weight of 0: nothing to average.", nameof(rows));
        }

        var workspace = predictor.CreateWorkspace();
        var width = predictor.Output.Width;
        var scores = new float[batchSize * width];
        double lossSum = 0, weightSum = 0;
        foreach (var batch in rows.Rows(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batchScores = scores.AsSpan(0, batch.RowCount * width);
            predictor.Predict(batch.Features, batchScores, workspace);
            var labels = batch.Labels;
            var weights = batch.Weights;
            for (var row = 0; row < labels.Length; row++)
            {
                lossSum += weights[row] * loss.Of(batchScores.Slice(row * width, width), labels[row]);
                weightSum += weights[row];
            }
        }

        return lossSum / weightSum;
    }
}

using System.Diagnostics;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>The loss of one prediction, in double precision: what validation reports and early stopping compares.</summary>
public static class Losses
{
    /// <param name="score">Log-odds (classification) or the predicted value (regression).</param>
    /// <param name="label">1 or 0, or a share in between (classification); the true value (regression).</param>
    /// <returns>Log loss in nats, or the squared error in squared label units.</returns>
    public static double Of(ModelTask task, float score, float label) => task switch
    {
        ModelTask.BinaryClassification => Logistic(score, label),
        ModelTask.Regression => Squared(score, label),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// −label · ln p − (1 − label) · ln(1 − p) with p = 1 / (1 + e^−logOdds), without ever forming p: exact where p rounds to 0
    /// or 1.
    /// </summary>
    public static double Logistic(float logOdds, float label) =>
        Math.Max(logOdds, 0.0) - (double)logOdds * label + Math.Log(1 + Math.Exp(-Math.Abs((double)logOdds)));

    /// <summary>(score − label)².</summary>
    public static double Squared(float score, float label)
    {
        var residual = (double)score - label;
        return residual * residual;
    }

    /// <summary>The mean loss of a predictor over stored rows, weighted by the example weights.</summary>
    /// <exception cref="ArgumentException">The rows have no weight.</exception>
    public static double Mean(IPredictor predictor, FeatureStore rows, int batchSize, CancellationToken cancellationToken)
    {
        if (rows.Labels.WeightSum == 0)
        {
            throw new ArgumentException(
                $"The {rows.RowCount:N0} rows to evaluate on have a total weight of 0: nothing to average.", nameof(rows));
        }

        var workspace = predictor.CreateWorkspace();
        var scores = new float[batchSize];
        double lossSum = 0, weightSum = 0;
        foreach (var batch in rows.Rows(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batchScores = scores.AsSpan(0, batch.RowCount);
            predictor.Predict(batch.Features, batchScores, workspace);
            var labels = batch.Labels;
            var weights = batch.Weights;
            for (var row = 0; row < batchScores.Length; row++)
            {
                lossSum += weights[row] * Of(predictor.Task, batchScores[row], labels[row]);
                weightSum += weights[row];
            }
        }

        return lossSum / weightSum;
    }
}

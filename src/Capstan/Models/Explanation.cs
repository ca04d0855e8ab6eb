using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan;

/// <summary>How much of a score comes from a raw column.</summary>
/// <param name="Value">In units of the score; above 0 raises it.</param>
public readonly record struct ColumnAttribution(string Column, double Value);

/// <summary>Why a row is predicted as it is: <c>BaseScore + Σ Attributions = Score</c>, but for rounding.</summary>
/// <param name="Prediction">The value, or the probability of the positive class; of more classes that of the likeliest.</param>
/// <param name="ClassIndex">Of more than two classes the likeliest one, which is explained; 0 otherwise.</param>
/// <param name="Score">
/// What is explained: the value (regression), log-odds (two classes), the logarithm of the value (losses of counts and amounts),
/// or the class's score (more classes).
/// </param>
/// <param name="BaseScore">The score that attributions start from.</param>
/// <param name="Attributions">One for each raw column that the model reads, the largest first, whatever its sign.</param>
public sealed record Explanation(
    float Prediction, int ClassIndex, float Score, double BaseScore, ImmutableArray<ColumnAttribution> Attributions);

/// <summary>A batch of raw rows with the model's predictions for them and the attributions of the scores behind them.</summary>
/// <param name="Rows">Valid, like everything here, until the next batch is asked for.</param>
/// <param name="Explainer">Names the columns and has the base scores.</param>
/// <param name="Predictions">[Rows.RowCount × scores], as <see cref="PredictedBatch.Predictions"/>.</param>
/// <param name="Scores">[Rows.RowCount × scores].</param>
/// <param name="Attributions">[Rows.RowCount × scores × Explainer.Columns].</param>
public readonly record struct ExplainedBatch(
    ColumnBatch Rows, ModelExplainer Explainer, ReadOnlyMemory<float> Predictions, ReadOnlyMemory<float> Scores,
    ReadOnlyMemory<double> Attributions)
{
    /// <summary>A row's explanation, which stays valid.</summary>
    public Explanation Of(int row)
    {
        var columns = Explainer.Columns;
        var predictions = PredictionsOf(row);
        var explained = ExplainedScore(row);
        var attributions = AttributionsOf(row, explained).ToArray();
        return new Explanation(
            predictions[explained], explained, Scores.Span[row * predictions.Length + explained], Explainer.BaseScores[explained],
            [
                .. columns.Select((column, index) => new ColumnAttribution(column, attributions[index]))
                    .OrderByDescending(each => Math.Abs(each.Value)),
            ]);
    }

    /// <summary>[scores] a row's predictions.</summary>
    public ReadOnlySpan<float> PredictionsOf(int row) =>
        Predictions.Span.Slice(row * Explainer.Output.Width, Explainer.Output.Width);

    /// <summary>Which of a row's scores speaks for it: of more than two classes the likeliest one's.</summary>
    public int ExplainedScore(int row) =>
        Explainer.Output.Width == 1 ? 0 : ModelOutput.LikeliestClass(PredictionsOf(row));

    /// <summary>[Explainer.Columns] the attributions of one of a row's scores.</summary>
    public ReadOnlySpan<double> AttributionsOf(int row, int score) => Attributions.Span.Slice(
        (row * Explainer.Output.Width + score) * Explainer.Columns.Length, Explainer.Columns.Length);
}

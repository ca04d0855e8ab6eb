using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Measures a model's scores against labels, batch by batch, in bounded memory. Not thread-safe: one per thread, then merge.
/// </summary>
public interface IEvaluator
{
    /// <summary>Takes in some rows.</summary>
    /// <param name="scores">
    /// Regression: [rows] the predicted values. Classification: scores as <see cref="IPredictor.Predict"/> gives them, [rows] log-odds
    /// of the positive class or [rows × classes].
    /// </param>
    /// <param name="labels">[rows] the value; 1 for the positive class and 0 otherwise; or the number of the class.</param>
    /// <param name="weights">[rows] finite, ≥ 0; a row of weight 0 is counted and changes nothing else.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a score, label or weight is not as described. Nothing was taken
    /// in.</exception>
    void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    /// <summary>What is known so far; more rows may follow.</summary>
    Evaluation Conclude();
}

public static class Evaluators
{
    /// <summary>A new evaluator for what a model gives.</summary>
    public static IEvaluator For(ModelOutput output) => output.Task switch
    {
        ModelTask.BinaryClassification => new BinaryEvaluator(),
        ModelTask.MulticlassClassification => new MulticlassEvaluator(output.Width),
        _ => new RegressionEvaluator(),
    };

    /// <summary>Turns what a predictor gives into what an evaluator of its output takes, in place: of a regression the values.</summary>
    /// <param name="scores">[rows × output.Width]</param>
    public static void Prepare(ModelOutput output, Span<float> scores)
    {
        if (output.Task == ModelTask.Regression)
        {
            output.ToPredictions(scores);
        }
    }

    /// <summary>The checks that every evaluator makes before it takes anything in.</summary>
    internal static void Check(
        ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, bool labelsAreClasses)
    {
        if (scores.Length != labels.Length || scores.Length != weights.Length)
        {
            throw new ArgumentException(
                $"There are {scores.Length} scores, {labels.Length} labels and {weights.Length} weights; a row has one of each.");
        }

        for (var row = 0; row < scores.Length; row++)
        {
            if (!float.IsFinite(scores[row]))
            {
                throw new ArgumentException(
                    $"The score of row {row} of the batch is {scores[row]}, expected a finite number. The model has diverged: " +
                    "train with a lower learning rate.", nameof(scores));
            }

            if (labelsAreClasses ? labels[row] is not (0 or 1) : !float.IsFinite(labels[row]))
            {
                var expected = labelsAreClasses ? "0 or 1" : "a finite number";
                throw new ArgumentException(
                    $"The label of row {row} of the batch is {labels[row]}, expected {expected}.", nameof(labels));
            }

            if (!(weights[row] >= 0 && float.IsFinite(weights[row])))
            {
                throw new ArgumentException(
                    $"The weight of row {row} of the batch is {weights[row]}, expected a finite number ≥ 0.", nameof(weights));
            }
        }
    }
}

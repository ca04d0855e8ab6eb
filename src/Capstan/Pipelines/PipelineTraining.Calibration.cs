using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>What the rows held out are for once learning is over: calibrating the model, and telling how good it is.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>
    /// The model, calibrated where that is wanted, and its metrics on the rows held out. A calibration is measured on rows that it was not
    /// made from: each half of them by that of the other half.
    /// </summary>
    (TrainingResult Result, Dictionary<string, double> Metrics) Measure(TrainingResult result, FeatureStore? heldOut)
    {
        if (heldOut is not { RowCount: > 0 })
        {
            return (result, []);
        }

        if (pipeline.Calibration is not { } kind)
        {
            var evaluation = new PredictorEvaluation(result.Predictor);
            foreach (var batch in heldOut.Rows(8192))
            {
                evaluation.Add(batch);
            }

            return (result, MetricsOf(evaluation.Conclude()));
        }

        if (result.Predictor.Output != ModelOutput.LogOdds)
        {
            throw new PipelineException(
                [$"calibration: found {pipeline.Label} of {result.Predictor.Output.Width} classes; only probabilities of two classes can be calibrated"]);
        }

        var (scores, labels, weights) = ScoresOf(result.Predictor, heldOut);
        if (Calibrations.Fit(kind, scores, labels, weights) is not { } calibration)
        {
            progress?.Report(new TrainingReport.Notice(
                $"the model is not calibrated: of the {heldOut.RowCount:N0} rows held out, positives do not score higher than negatives, or all are of one class"));
            return (result, MetricsOf(Evaluated(scores, labels, weights)));
        }

        return (
            result with { Predictor = new CalibratedPredictor(result.Predictor, calibration) },
            MetricsOf(Evaluated(CrossFitted(kind, scores, labels, weights), labels, weights)));
    }

    static float[] CrossFitted(CalibrationKind kind, float[] scores, float[] labels, float[] weights)
    {
        var fitted = (float[])scores.Clone();
        for (var half = 0; half < 2; half++)
        {
            var calibration = Calibrations.Fit(kind, Half(scores, 1 - half), Half(labels, 1 - half), Half(weights, 1 - half));
            var calibrated = Half(scores, half);
            calibration?.Apply(calibrated); // a half of one class tells nothing: its scores stay
            for (var index = 0; index < calibrated.Length; index++)
            {
                fitted[2 * index + half] = calibrated[index];
            }
        }

        return fitted;
    }

    static float[] Half(float[] values, int half) => [.. values.Where((_, row) => row % 2 == half)];

    static Evaluation Evaluated(float[] scores, float[] labels, float[] weights)
    {
        var evaluator = Evaluators.For(ModelOutput.LogOdds);
        evaluator.Add(scores, labels, weights);
        return evaluator.Conclude();
    }

    static (float[] Scores, float[] Labels, float[] Weights) ScoresOf(IPredictor predictor, FeatureStore rows)
    {
        var (scores, labels, weights) = (new float[rows.RowCount], new float[rows.RowCount], new float[rows.RowCount]);
        var workspace = predictor.CreateWorkspace();
        var start = 0;
        foreach (var batch in rows.Rows(8192))
        {
            predictor.Predict(batch.Features, scores.AsSpan(start, batch.RowCount), workspace);
            batch.Labels.CopyTo(labels.AsSpan(start));
            batch.Weights.CopyTo(weights.AsSpan(start));
            start += batch.RowCount;
        }

        return (scores, labels, weights);
    }

    static Dictionary<string, double> MetricsOf(Evaluation evaluation) => evaluation.Metrics
        .Where(metric => metric.Value is not null)
        .ToDictionary(metric => metric.Name, metric => metric.Value!.Value); // chosen for having one
}

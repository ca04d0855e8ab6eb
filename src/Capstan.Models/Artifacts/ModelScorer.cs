using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Raw rows in, predictions out: the one path that training-time evaluation, batch prediction and serving all take. Not
/// thread-safe; any number may share one model. Allocates nothing after warm-up.
/// </summary>
public sealed class ModelScorer
{
    readonly FrozenTransform _transform;
    readonly IPredictor _predictor;
    readonly TransformWorkspace _transformWorkspace;
    readonly PredictorWorkspace _predictorWorkspace;
    readonly FeatureBuffer _features;

    /// <exception cref="ArgumentException">The predictor expects other features than the transform gives.</exception>
    public ModelScorer(FrozenTransform transform, IPredictor predictor)
    {
        if (!transform.Output.Equals(predictor.Features))
        {
            throw new ArgumentException(
                "The predictor was trained on other features than this transform gives.", nameof(predictor));
        }

        (_transform, _predictor) = (transform, predictor);
        (_transformWorkspace, _predictorWorkspace) = (transform.CreateWorkspace(), predictor.CreateWorkspace());
        _features = new FeatureBuffer(transform.Output);
    }

    /// <summary>Predicts every row. A row's prediction has the same bits whatever rows are scored with it.</summary>
    /// <param name="rows">Raw rows with at least the transform's input columns.</param>
    /// <param name="predictions">
    /// [rows.RowCount], overwritten. Regression: the value. Classification: the probability of the positive class.
    /// </param>
    public void Score(ColumnBatch rows, Span<float> predictions)
    {
        ScoreRaw(rows, predictions);
        if (_predictor.Task == ModelTask.BinaryClassification)
        {
            foreach (ref var prediction in predictions)
            {
                prediction = Probability(prediction);
            }
        }
    }

    /// <summary>Like <see cref="Score"/>, but a classifier gives log-odds, as <see cref="IPredictor.Predict"/> does.</summary>
    public void ScoreRaw(ColumnBatch rows, Span<float> scores)
    {
        _transform.Apply(rows, _features, _transformWorkspace);
        _predictor.Predict(_features, scores, _predictorWorkspace);
    }

    /// <summary>1 / (1 + e^−logOdds), from 0 to 1.</summary>
    public static float Probability(float logOdds) => 1f / (1f + MathF.Exp(-logOdds));
}

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

    /// <summary>How many predictions a row has, and what they are.</summary>
    public ModelOutput Output => _predictor.Output;

    /// <summary>Predicts every row. A row's prediction has the same bits whatever rows are scored with it.</summary>
    /// <param name="rows">Raw rows with at least the transform's input columns.</param>
    /// <param name="predictions">
    /// [rows.RowCount × Output.Width], overwritten. Regression: the value. Two classes: the probability of the positive one. More:
    /// the probability of each.
    /// </param>
    public void Score(ColumnBatch rows, Span<float> predictions)
    {
        ScoreRaw(rows, predictions);
        Output.ToPredictions(predictions);
    }

    /// <summary>Like <see cref="Score"/>, but gives scores, as <see cref="IPredictor.Predict"/> does.</summary>
    public void ScoreRaw(ColumnBatch rows, Span<float> scores)
    {
        _transform.Apply(rows, _features, _transformWorkspace);
        _predictor.Predict(_features, scores, _predictorWorkspace);
    }
}

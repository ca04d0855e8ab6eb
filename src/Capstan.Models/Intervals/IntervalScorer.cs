using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Raw rows in, predictions and intervals out; the predictions are those of <see cref="ModelScorer"/> to the bit. Not
/// thread-safe; any
/// number may share one model. Allocates nothing after warm-up.
/// </summary>
public sealed class IntervalScorer
{
    readonly ModelArtifact _artifact;
    readonly IntervalBounds _bounds;
    readonly TransformWorkspace _transformWorkspace;
    readonly PredictorWorkspace _predictorWorkspace;
    readonly FeatureBuffer _features;

    /// <exception cref="ArgumentException">The model has no intervals.</exception>
    public IntervalScorer(ModelArtifact artifact)
    {
        var intervals = artifact.Intervals ?? throw new ArgumentException(
            "The model has no intervals; train it with \"intervals\": 0.9, say, in its pipeline.", nameof(artifact));
        _artifact = artifact;
        _bounds = new IntervalBounds(intervals, artifact.Predictor.Output);
        (_transformWorkspace, _predictorWorkspace) = (artifact.Transform.CreateWorkspace(), artifact.Predictor.CreateWorkspace());
        _features = new FeatureBuffer(artifact.Transform.Output);
    }

    /// <param name="rows">Raw rows with at least the transform's input columns.</param>
    /// <param name="predictions">[rows.RowCount], overwritten.</param>
    /// <param name="bounds">[rows.RowCount × 2], overwritten: where each row's interval begins and ends.</param>
    public void Score(ColumnBatch rows, Span<float> predictions, Span<float> bounds)
    {
        _artifact.Transform.Apply(rows, _features, _transformWorkspace);
        _artifact.Predictor.Predict(_features, predictions, _predictorWorkspace);
        _artifact.Predictor.Output.ToPredictions(predictions);
        _bounds.Compute(_features, predictions, bounds);
    }
}

using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Raw rows in, scores and their attributions to raw columns out: <c>BaseScores[s] + Σ attributions = score s</c>, but for
/// rounding. Not thread-safe; any number may share one model. Allocates nothing after warm-up.
/// </summary>
/// <remarks>
/// A feature's attribution goes to the column that it is computed from, and that of a feature of several columns (a cross, a
/// distance) in equal parts to each (decision 0200). Attributions are in units of the score: of the label (regression), of
/// log-odds (two classes), of the logarithm of the value (losses of counts and amounts), or of each class's score (several
/// classes).
/// </remarks>
public sealed class ModelExplainer
{
    readonly FrozenTransform _transform;
    readonly IPredictor _predictor;
    readonly IAttributor _attributor;
    readonly TransformWorkspace _transformWorkspace;
    readonly PredictorWorkspace _predictorWorkspace;
    readonly FeatureBuffer _features;
    readonly int[][] _columnsOf;
    double[] _attributions = [];

    /// <param name="seed">Of sampled Shapley values.</param>
    public ModelExplainer(ModelArtifact artifact, AttributionMethod method = AttributionMethod.Own, ulong seed = 1)
    {
        (_transform, _predictor) = (artifact.Transform, artifact.Predictor);
        (_transformWorkspace, _predictorWorkspace) = (_transform.CreateWorkspace(), _predictor.CreateWorkspace());
        _features = new FeatureBuffer(_transform.Output);
        var reference = artifact.Reference ?? GoldenReference(artifact.Golden);
        _attributor = _predictor is IExplainablePredictor explainable && method == AttributionMethod.Own
            ? explainable.CreateAttributor(reference)
            : new SampledShapley(_predictor, reference, seed: seed);
        Columns = [.. _transform.Input.Names];
        Features = [.. _transform.Output.All];
        _columnsOf =
        [
            .. _transform.OutputColumns.Select(columns => columns.Select(name => _transform.Input.IndexOf(name)).ToArray()),
        ];
    }

    /// <summary>The raw columns that the model reads.</summary>
    public ImmutableArray<string> Columns { get; }

    /// <summary>The features, in the order of their attributions.</summary>
    public ImmutableArray<FeatureSpec> Features { get; }

    /// <summary>How many scores a row has, and what they mean.</summary>
    public ModelOutput Output => _predictor.Output;

    /// <summary>[Output.Width] the score that attributions start from.</summary>
    public ReadOnlySpan<double> BaseScores => _attributor.BaseScores;

    /// <summary>Scores every row and attributes the scores to raw columns.</summary>
    /// <param name="rows">Raw rows with at least the transform's input columns.</param>
    /// <param name="scores">[rows.RowCount × Output.Width], overwritten: scores, not predictions.</param>
    /// <param name="attributions">[rows.RowCount × Output.Width × Columns], overwritten.</param>
    /// <exception cref="ArgumentException">A length is another one.</exception>
    public void Explain(ColumnBatch rows, Span<float> scores, Span<double> attributions)
    {
        var count = rows.RowCount * Output.Width;
        if (attributions.Length != (long)count * Columns.Length)
        {
            throw new ArgumentException(
                $"There is room for {attributions.Length:N0} attributions; {rows.RowCount:N0} rows need " +
                $"{count * (long)Columns.Length:N0}: one for each row, score and column.",
                nameof(attributions));
        }

        if (_attributions.Length < (long)count * Features.Length)
        {
            _attributions = new double[(long)count * Features.Length];
        }

        var byFeature = _attributions.AsSpan(0, count * Features.Length);
        ExplainFeatures(rows, scores, byFeature);
        attributions.Clear();
        for (var index = 0; index < count; index++)
        {
            Gather(
                byFeature.Slice(index * Features.Length, Features.Length),
                attributions.Slice(index * Columns.Length, Columns.Length));
        }
    }

    /// <summary>Like <see cref="Explain"/>, but attributes to features.</summary>
    /// <param name="attributions">[rows.RowCount × Output.Width × Features], overwritten.</param>
    public void ExplainFeatures(ColumnBatch rows, Span<float> scores, Span<double> attributions)
    {
        _transform.Apply(rows, _features, _transformWorkspace);
        _predictor.Predict(_features, scores, _predictorWorkspace);
        _attributor.Attribute(_features, attributions);
    }

    void Gather(ReadOnlySpan<double> byFeature, Span<double> byColumn)
    {
        for (var feature = 0; feature < byFeature.Length; feature++)
        {
            var columns = _columnsOf[feature];
            foreach (var column in columns)
            {
                byColumn[column] += byFeature[feature] / columns.Length;
            }
        }
    }

    /// <summary>Of a model that keeps no reference rows: the few rows that it was tried on when it was trained.</summary>
    ReferenceRows GoldenReference(GoldenRows golden)
    {
        _transform.Apply(golden.Rows, _features, _transformWorkspace);
        return ReferenceRows.Of(_features);
    }
}

using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>A model artifact as the server wants it.</summary>
/// <param name="name">The name in the URL.</param>
public sealed class ArtifactModel(string name, ModelArtifact artifact) : IServedModel
{
    public string Name { get; } = name;

    public string Version { get; } = artifact.Hash.ToString();

    public ModelOutput Output => artifact.Predictor.Output;

    public Schema Inputs => artifact.Transform.Input;

    public ImmutableArray<string> UnusedColumns { get; } =
        [.. artifact.DataSchema.Names.Where(column => artifact.Transform.Input.IndexOf(column) < 0)];

    public ClassLabels? Labels { get; } = artifact.Label.Classes is { } classes
        ? new ClassLabels(classes.Names.Items, classes.Type)
        : null;

    public bool HasIntervals => artifact.Intervals is not null;

    public ColumnBatch Examples => artifact.Golden.Rows;

    public int Places => (artifact.Predictor as IForeignPredictor)?.Places ?? 0;

    public void Rest() => (artifact.Predictor as IForeignPredictor)?.Rest();

    public IExplainer CreateExplainer() => new Explainer(new ModelExplainer(artifact));

    public IScorer CreateScorer() => new Scorer(
        new ModelScorer(artifact.Transform, artifact.Predictor), artifact.Intervals is null ? null : new IntervalScorer(artifact));

    sealed class Explainer(ModelExplainer explainer) : IExplainer
    {
        public ImmutableArray<string> Columns => explainer.Columns;

        public ReadOnlySpan<double> BaseScores => explainer.BaseScores;

        public void Explain(ColumnBatch rows, Span<float> scores, Span<double> attributions) =>
            explainer.Explain(rows, scores, attributions);
    }

    sealed class Scorer(ModelScorer scorer, IntervalScorer? intervals) : IScorer
    {
        public void Score(ColumnBatch rows, Span<float> predictions) => scorer.Score(rows, predictions);

        public void Score(ColumnBatch rows, Span<float> predictions, Span<float> bounds) =>
            (intervals ?? throw new InvalidOperationException("The model has no intervals.")).Score(rows, predictions, bounds);
    }
}

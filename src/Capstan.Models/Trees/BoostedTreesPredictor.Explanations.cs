using Capstan.Features;

namespace Capstan.Models;

/// <summary>What each feature contributed, by <see cref="TreeShap"/>.</summary>
public sealed partial class BoostedTreesPredictor
{
    readonly Lazy<TreeShap> _shap;

    public PredictorWorkspace CreateExplanationWorkspace() => new ExplanationWorkspace(this);

    /// <inheritdoc/>
    public void Explain(FeatureBuffer features, Span<float> attributions, PredictorWorkspace workspace)
    {
        if (workspace is not ExplanationWorkspace own || own.Owner != this)
        {
            throw new ArgumentException(
                "The workspace is another predictor's; take one from this predictor's CreateExplanationWorkspace.", nameof(workspace));
        }

        CheckLayout(features);
        var (shap, columns, scores) = (_shap.Value, _width + 1, Output.Width);
        if (attributions.Length != (long)features.RowCount * scores * columns)
        {
            throw new ArgumentException(
                $"There is room for {attributions.Length:N0} attributions; {features.RowCount:N0} rows need {scores * columns:N0} each.",
                nameof(attributions));
        }

        for (var row = 0; row < features.RowCount; row++)
        {
            Gather(features, row, 1, own.Row);
            own.Sums.AsSpan().Clear();
            for (var tree = 0; tree < Trees.TreeCount; tree++)
            {
                shap.Add(tree, own.Row, own.Sums.AsSpan(tree % scores * columns, columns), own.Paths);
            }

            for (var index = 0; index < own.Sums.Length; index++)
            {
                attributions[row * own.Sums.Length + index] = (float)own.Sums[index];
            }
        }
    }

    sealed class ExplanationWorkspace(BoostedTreesPredictor owner) : PredictorWorkspace
    {
        public BoostedTreesPredictor Owner { get; } = owner;

        public int[] Row { get; } = new int[owner._width];

        public double[] Sums { get; } = new double[owner.Output.Width * (owner._width + 1)];

        public TreeShap.Element[] Paths { get; } = new TreeShap.Element[owner._shap.Value.PathLength];
    }
}

using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Exact Shapley values of boosted trees: the sums over the trees of <see cref="TreeShap"/>. The base scores are the mean scores of
/// the training rows; the reference rows are not read, since every leaf knows how many training rows it has. An offset is attributed
/// to itself, by its full value.
/// </summary>
sealed class TreeAttributor : IAttributor
{
    readonly BoostedTreesPredictor _predictor;
    readonly TreeShap _shap;
    readonly int _features;
    readonly double[] _baseScores;
    readonly int[] _row;
    readonly TreeShap.Element[] _paths;

    public TreeAttributor(BoostedTreesPredictor predictor, ReferenceRows reference)
    {
        AttributionChecks.Reference(predictor, reference);
        _predictor = predictor;
        _shap = new TreeShap(predictor.Trees);
        _features = AttributionChecks.FeatureCount(predictor.Features);
        _row = new int[_features];
        _paths = new TreeShap.Element[_shap.PathLength];
        _baseScores = new double[predictor.Output.Width];
        for (var tree = 0; tree < predictor.Trees.TreeCount; tree++)
        {
            _baseScores[tree % _baseScores.Length] += _shap.Mean(tree);
        }
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        AttributionChecks.Rows(_predictor, features, attributions.Length);
        attributions.Clear();
        var scores = _baseScores.Length;
        for (var row = 0; row < features.RowCount; row++)
        {
            TreeRows.Gather(features, row, 1, _row);
            if (_predictor.OffsetIndex is { } offset)
            {
                attributions[row * _features + offset] = features.Numeric(offset)[row];
            }

            for (var tree = 0; tree < _predictor.Trees.TreeCount; tree++)
            {
                var own = attributions.Slice((row * scores + tree % scores) * _features, _features);
                _shap.Add(tree, _row, own, _paths);
            }
        }
    }
}

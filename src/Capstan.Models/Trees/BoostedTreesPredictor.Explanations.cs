using Capstan.Features;

namespace Capstan.Models;

/// <summary>What each feature contributed, by <see cref="TreeShap"/>.</summary>
public sealed partial class BoostedTreesPredictor
{
    readonly Lazy<TreeShap> _shap;

    /// <inheritdoc/>
    /// <remarks>Relative to the training rows, whose number each leaf knows; <paramref name="reference"/> is not read.</remarks>
    public IAttributor CreateAttributor(ReferenceRows reference) => new Attributor(this);

    sealed class Attributor : IAttributor
    {
        readonly BoostedTreesPredictor _predictor;
        readonly TreeShap _shap;
        readonly double[] _baseScores;
        readonly int[] _row;
        readonly double[] _sums;
        readonly TreeShap.Element[] _paths;

        public Attributor(BoostedTreesPredictor predictor)
        {
            (_predictor, _shap) = (predictor, predictor._shap.Value);
            _baseScores = new double[predictor.Output.Width];
            _row = new int[predictor._width];
            // One more: where a tree's mean goes.
            _sums = new double[predictor.Output.Width * (predictor._width + 1)];
            _paths = new TreeShap.Element[_shap.PathLength];
            for (var tree = 0; tree < predictor.Trees.TreeCount; tree++)
            {
                _baseScores[tree % _baseScores.Length] += _shap.Mean(tree);
            }
        }

        public ReadOnlySpan<double> BaseScores => _baseScores;

        public void Attribute(FeatureBuffer features, Span<double> attributions)
        {
            AttributionChecks.Rows(_predictor, features, attributions.Length);
            var (width, scores) = (_predictor._width, _baseScores.Length);
            for (var row = 0; row < features.RowCount; row++)
            {
                _predictor.Gather(features, row, 1, _row);
                _sums.AsSpan().Clear();
                for (var tree = 0; tree < _predictor.Trees.TreeCount; tree++)
                {
                    _shap.Add(tree, _row, _sums.AsSpan(tree % scores * (width + 1), width + 1), _paths);
                }

                for (var score = 0; score < scores; score++)
                {
                    _sums.AsSpan(score * (width + 1), width).CopyTo(attributions[((row * scores + score) * width)..]);
                }
            }
        }
    }
}

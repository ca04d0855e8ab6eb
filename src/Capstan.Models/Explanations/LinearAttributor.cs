using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Exact attributions of a linear model: <c>weight × (value − mean value)</c>, and for a category
/// <c>its weight − the mean weight</c>, means being over the reference rows.
/// </summary>
/// <remarks>
/// These are the Shapley values of the model for features that vary independently: in a sum each feature contributes the same
/// whatever the others are. Computed in double precision. Source: E. Štrumbelj, I. Kononenko, "Explaining prediction models and
/// individual predictions with feature contributions", KAIS 41 (2014), §3.1.
/// </remarks>
sealed class LinearAttributor : IAttributor
{
    readonly LinearPredictor _predictor;
    readonly double[] _means;
    readonly double[] _baseScores;

    public LinearAttributor(LinearPredictor predictor, ReferenceRows reference)
    {
        AttributionChecks.Reference(predictor, reference);
        _predictor = predictor;
        var (features, width) = (predictor.Features, predictor.Output.Width);
        // [features × width] what each feature adds to each score, on average.
        _means = new double[AttributionChecks.FeatureCount(features) * width];
        for (var index = 0; index < features.Numerics.Length; index++)
        {
            var mean = reference.Mean(index);
            for (var score = 0; score < width; score++)
            {
                _means[index * width + score] = predictor.NumericWeights[index * width + score] * mean;
            }
        }

        for (var index = 0; index < features.Categories.Length; index++)
        {
            var means = _means.AsSpan((features.Numerics.Length + index) * width, width);
            foreach (var category in reference.Category(index))
            {
                for (var score = 0; score < width; score++)
                {
                    means[score] += (double)Weight(index, category, score) / reference.RowCount;
                }
            }
        }

        _baseScores = [.. predictor.Biases];
        for (var place = 0; place < _means.Length; place++)
        {
            _baseScores[place % width] += _means[place];
        }
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        AttributionChecks.Rows(_predictor, features, attributions.Length);
        var (width, numericCount) = (_predictor.Output.Width, features.Layout.Numerics.Length);
        var featureCount = AttributionChecks.FeatureCount(features.Layout);
        var numericWeights = _predictor.NumericWeights.AsSpan();
        for (var index = 0; index < featureCount; index++)
        {
            for (var row = 0; row < features.RowCount; row++)
            {
                for (var score = 0; score < width; score++)
                {
                    var contribution = index < numericCount
                        ? (double)numericWeights[index * width + score] * features.Numeric(index)[row]
                        : Weight(index - numericCount, features.Category(index - numericCount)[row], score);
                    attributions[(row * width + score) * featureCount + index] = contribution - _means[index * width + score];
                }
            }
        }
    }

    float Weight(int categoryIndex, int category, int score)
    {
        var place = (int)_predictor.Features.CategoryOffsets[categoryIndex] + category;
        return _predictor.CategoryWeights[place * _predictor.Output.Width + score];
    }
}

using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Attributions of calibrated log-odds: those of the log-odds below, all stretched by how much the map stretches the way from the base
/// score to the row's score. Exact for Platt's line; for an isotonic map each feature keeps its sign and its share.
/// </summary>
/// <remarks>Source: the rescale rule of A. Shrikumar et al., Learning important features through propagating activation differences, ICML 2017, §3.5.1.</remarks>
sealed class RescaledAttributor : IAttributor
{
    // Where the attributions cancel each other there is no way to stretch: the map's slope around the score takes its place.
    const float Nearby = 1e-3f;

    readonly CalibratedPredictor _predictor;
    readonly IAttributor _uncalibrated;
    readonly PredictorWorkspace _workspace;
    readonly double[] _baseScores;
    float[] _scores = [];

    public RescaledAttributor(CalibratedPredictor predictor, IAttributor uncalibrated)
    {
        (_predictor, _uncalibrated, _workspace) = (predictor, uncalibrated, predictor.CreateWorkspace());
        _baseScores = [Calibrated((float)uncalibrated.BaseScores[0])];
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        _uncalibrated.Attribute(features, attributions);
        if (features.RowCount == 0)
        {
            return;
        }

        if (_scores.Length < features.RowCount)
        {
            _scores = new float[features.RowCount];
        }

        var scores = _scores.AsSpan(0, features.RowCount);
        _predictor.Uncalibrated.Predict(features, scores, _workspace);
        var width = attributions.Length / features.RowCount;
        for (var row = 0; row < scores.Length; row++)
        {
            var way = scores[row] - _uncalibrated.BaseScores[0];
            var factor = Math.Abs(way) > Nearby
                ? (Calibrated(scores[row]) - _baseScores[0]) / way
                : (Calibrated(scores[row] + Nearby) - Calibrated(scores[row] - Nearby)) / (2 * Nearby);
            foreach (ref var attribution in attributions.Slice(row * width, width))
            {
                attribution *= factor;
            }
        }
    }

    double Calibrated(float score)
    {
        Span<float> one = [score];
        _predictor.Calibration.Apply(one);
        return one[0];
    }
}

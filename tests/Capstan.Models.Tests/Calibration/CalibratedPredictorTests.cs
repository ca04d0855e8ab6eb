using Capstan.Models.Tests.Artifacts;

namespace Capstan.Models.Tests.Calibration;

public sealed class CalibratedPredictorTests
{
    [Fact]
    public void A_map_of_knots_is_straight_between_them_and_level_beyond()
    {
        float[] scores = [-1000, -400, -225, -50, -10, 0.25f, 10.125f, 20, 260, 500, 1e9f];
        ((CalibratedPredictor)SmallModels.Calibrated().Predictor).Calibration.Apply(scores);
        Assert.Equal([-3, -3, -1.875f, -0.75f, -0.75f, -0.75f, -0.125f, 0.5f, 0.875f, 1.25f, 1.25f], scores);
    }

    [Fact]
    public void Calibration_keeps_the_order_of_any_scores()
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 2000).Select(_ => (float)(random.NextDouble() * 1200 - 600)).Order().ToArray();
        foreach (var calibration in (ScoreCalibration[])[new ScoreCalibration.Platt(0.3f, 2), ((CalibratedPredictor)SmallModels.Calibrated().Predictor).Calibration])
        {
            var calibrated = (float[])scores.Clone();
            calibration.Apply(calibrated);
            Assert.Equal(calibrated.Order(), calibrated);
        }
    }

    [Fact]
    public void What_gives_no_log_odds_or_is_calibrated_already_is_refused()
    {
        var platt = new ScoreCalibration.Platt(1, 0);
        Assert.Throws<ArgumentException>(() => new CalibratedPredictor(SmallModels.Dnn().Predictor, platt));
        Assert.Throws<ArgumentException>(() => new CalibratedPredictor(SmallModels.Calibrated().Predictor, platt));
    }
}

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attributions_add_up_to_the_calibrated_score_and_keep_their_shares(bool isIsotonic)
    {
        var artifact = SmallModels.Calibrated(1, isIsotonic ? null : new ScoreCalibration.Platt(0.5f, -0.125f));
        var (rows, plain) = (SmallModels.Rows(200), SmallModels.Linear());
        var (own, below) = (new ModelExplainer(artifact), new ModelExplainer(plain));
        var (scores, attributions) = (new float[200], new double[200 * own.Columns.Length]);
        var (plainScores, plainAttributions) = (new float[200], new double[200 * own.Columns.Length]);
        own.Explain(rows, scores, attributions);
        below.Explain(rows, plainScores, plainAttributions);
        for (var row = 0; row < 200; row++)
        {
            var mine = attributions.AsSpan(row * own.Columns.Length, own.Columns.Length).ToArray();
            var theirs = plainAttributions.AsSpan(row * own.Columns.Length, own.Columns.Length).ToArray();
            Assert.Equal(scores[row], own.BaseScores[0] + mine.Sum(), 1e-3);
            Assert.All(mine.Zip(theirs), pair => Assert.True(pair.First * pair.Second >= 0));
            if (!isIsotonic)
            {
                Assert.All(mine.Zip(theirs), pair => Assert.Equal(0.5 * pair.Second, pair.First, 1e-3));
            }
        }
    }
}

using Capstan.Models;

namespace Capstan.Training.Tests.Calibration;

public sealed class CalibrationsTests
{
    [Theory]
    [InlineData(CalibrationKind.Platt)]
    [InlineData(CalibrationKind.Isotonic)]
    public void Scores_that_are_too_sure_are_brought_back_without_changing_their_order(CalibrationKind kind)
    {
        var (scores, labels) = Overconfident(6000, 1);
        var (others, otherLabels) = Overconfident(6000, 2);
        var calibration = Calibrations.Fit(kind, scores, labels, Ones(labels))!;
        var calibrated = (float[])others.Clone();
        calibration.Apply(calibrated);
        var (before, after) = (Evaluated(others, otherLabels), Evaluated(calibrated, otherLabels));
        Assert.True(before["calibration_error"] > 0.05, $"{before}");
        Assert.True(after["calibration_error"] < 0.025, $"{after}");
        Assert.True(after["log_loss"] < before["log_loss"]);
        Assert.Equal(before["auc"]!.Value, after["auc"]!.Value, 0.003);
        foreach (var (left, right) in others.Zip(calibrated).OrderBy(pair => pair.First).Zip(others.Zip(calibrated).OrderBy(pair => pair.First).Skip(1)))
        {
            Assert.True(left.Second <= right.Second);
        }
    }

    [Theory]
    [InlineData(CalibrationKind.Platt)]
    [InlineData(CalibrationKind.Isotonic)]
    public void Where_nothing_rising_fits_there_is_none(CalibrationKind kind)
    {
        Assert.Null(Calibrations.Fit(kind, [1, 2, 3], [1, 1, 1], [1, 1, 1]));
        Assert.Null(Calibrations.Fit(kind, [1, 2, 3], [0, 1, 0], [1, 0, 1]));
        Assert.Null(Calibrations.Fit(kind, [4, 3, 2, 1], [0, 0, 1, 1], [1, 1, 1, 1]));
        Assert.Null(Calibrations.Fit(kind, [], [], []));
    }

    [Theory]
    [InlineData(CalibrationKind.Platt)]
    [InlineData(CalibrationKind.Isotonic)]
    public void Classes_told_apart_completely_keep_finite_probabilities(CalibrationKind kind)
    {
        var calibration = Calibrations.Fit(kind, [-20, -10, 10, 20], [0, 0, 1, 1], [1, 1, 1, 1])!;
        float[] scores = [-1e30f, -15, 0, 15, 1e30f];
        calibration.Apply(scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.True(scores[1] < scores[3]);
    }

    [Fact]
    public void Knots_that_are_no_rising_map_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Isotonic([1, 1], [0, 1]));
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Isotonic([1, 2], [1, 0]));
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Isotonic([], []));
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Isotonic([1], [float.NaN]));
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Platt(0, 1));
        Assert.Throws<ArgumentException>(() => new ScoreCalibration.Platt(1, float.PositiveInfinity));
    }

    /// <summary>Log-odds three times as far from 0 as they should be.</summary>
    static (float[] Scores, float[] Labels) Overconfident(int rows, int seed)
    {
        var random = new Random(seed);
        var truths = Enumerable.Range(0, rows).Select(_ => 1.2 * ExampleRows.Normal(random) - 0.5).ToArray();
        return (
            [.. truths.Select(truth => (float)(3 * truth))], [.. truths.Select(truth => random.NextDouble() < 1 / (1 + Math.Exp(-truth)) ? 1f : 0f)]);
    }

    static float[] Ones(float[] labels) => [.. labels.Select(_ => 1f)];

    static Training.Evaluation Evaluated(float[] scores, float[] labels)
    {
        var evaluator = new BinaryEvaluator();
        evaluator.Add(scores, labels, Ones(labels));
        return evaluator.Conclude();
    }
}

using Capstan.Models;

namespace Capstan.Training.Tests.Evaluation;

public sealed class BinaryEvaluatorTests
{
    [Fact]
    public void Four_rows_by_hand()
    {
        // Falling: + − + −. Pairs won: 3 of 4. Precision at the positives: 1 and 2/3.
        var evaluation = Of([2, 1, 0.5f, -1], [1, 0, 1, 0]);
        Assert.Equal(0.75, evaluation["auc"]);
        Assert.Equal((1 + 2.0 / 3) / 2, evaluation["average_precision"]!.Value, 1e-15);
        Assert.Equal((0.75, 0.5), (evaluation["accuracy"], evaluation["positive_share"]));
        var loss = new[] { (2, 1), (1, 0), (0.5, 1), (-1, 0) }
            .Average(row => -Math.Log(row.Item2 == 1 ? 1 / (1 + Math.Exp(-row.Item1)) : 1 / (1 + Math.Exp(row.Item1))));
        Assert.Equal(loss, evaluation["log_loss"]!.Value, 1e-15);
        Assert.Equal(("auc", true), (evaluation.PrimaryMetric.Name, evaluation.PrimaryMetric.HigherIsBetter));
    }

    [Fact]
    public void Equal_scores_count_half_and_zero_has_no_sign()
    {
        Assert.Equal(0.5, Of([0, -0f, 0, 0], [1, 0, 1, 0])["auc"]);
        Assert.Equal(0.5, Of([0, 0, 0, 0], [1, 0, 1, 0])["average_precision"]);
        Assert.Equal(0.875, Of([3, 1, 1, 0], [1, 1, 0, 0])["auc"]);
    }

    [Fact]
    public void A_score_of_zero_predicts_the_negative_class() => Assert.Equal(0, Of([0], [1])["accuracy"]);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, 1.0)]
    public void One_class_alone_has_no_auc(float label, double? precision)
    {
        var evaluation = Of([1, 2], [label, label]);
        Assert.Equal((null, precision), (evaluation["auc"], evaluation["average_precision"]));
        Assert.NotNull(evaluation["log_loss"]);
    }

    [Fact]
    public void No_rows_leave_everything_undefined()
    {
        var evaluation = new BinaryEvaluator().Conclude();
        Assert.All(evaluation.Metrics, metric => Assert.Null(metric.Value));
        Assert.Empty(evaluation.Calibration);
    }

    [Fact]
    public void The_loss_of_sure_scores_neither_overflows_nor_is_clipped()
    {
        Assert.Equal(1000, Of([1000], [0])["log_loss"]);
        Assert.Equal(Math.Exp(-40), Of([40], [1])["log_loss"]!.Value, 1e-30);
    }

    [Fact]
    public void A_calibrated_model_has_no_calibration_error_and_a_biased_one_has_its_bias()
    {
        // Nineteen probabilities p, each on 1000 rows of which 1000 p are positive.
        var rows = Enumerable.Range(0, 19_000).Select(row => (Step: row / 1000 + 1, InStep: row % 1000))
            .Select(row => (P: row.Step / 20.0, Y: row.InStep < 50 * row.Step ? 1f : 0f)).ToArray();
        var calibrated = Of([.. rows.Select(row => LogOdds(row.P))], [.. rows.Select(row => row.Y)]);
        Assert.Equal(0, calibrated["calibration_error"]!.Value, 1e-6);
        Assert.Equal(10, calibrated.Calibration.Length);
        Assert.All(calibrated.Calibration, bin => Assert.Equal(bin.MeanProbability, bin.PositiveShare, 1e-6));
        var biased = Of([.. rows.Select(row => LogOdds(row.P * 0.9))], [.. rows.Select(row => row.Y)]);
        Assert.Equal(0.05, biased["calibration_error"]!.Value, 1e-6);
    }

    [Fact]
    public void Wrong_rows_are_refused_and_nothing_is_taken_in()
    {
        var evaluator = new BinaryEvaluator();
        Assert.Contains("0 or 1", Assert.Throws<ArgumentException>(() => evaluator.Add([1], [0.5f], [1])).Message);
        Assert.Throws<ArgumentException>(() => evaluator.Add([float.NegativeInfinity], [1], [1]));
        Assert.Throws<ArgumentException>(() => evaluator.Add([1], [1], [float.NaN]));
        Assert.Equal(0, evaluator.Conclude().RowCount);
    }

    [Fact]
    public void It_prints_as_an_aligned_table() => Assert.Equal(
        """
        binary classification, 4 rows
          auc                0.75000
          average_precision  0.83333
          log_loss           0.55688
          accuracy           0.75000
          calibration_error  0.37419
          positive_share     0.50000
        """, Of([2, 1, 0.5f, -1], [1, 0, 1, 0]).ToString());

    [Fact]
    public void Each_task_has_its_evaluator()
    {
        Assert.IsType<RegressionEvaluator>(Evaluators.For(ModelOutput.Value));
        Assert.IsType<BinaryEvaluator>(Evaluators.For(ModelOutput.LogOdds));
    }

    static float LogOdds(double p) => (float)Math.Log(p / (1 - p));

    static Training.Evaluation Of(float[] scores, float[] labels)
    {
        var evaluator = new BinaryEvaluator();
        evaluator.Add(scores, labels, [.. labels.Select(_ => 1f)]);
        return evaluator.Conclude();
    }
}

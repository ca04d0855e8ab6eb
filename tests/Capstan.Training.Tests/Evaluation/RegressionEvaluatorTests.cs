namespace Capstan.Training.Tests.Evaluation;

public sealed class RegressionEvaluatorTests
{
    [Fact]
    public void Four_rows_by_hand()
    {
        // Errors 1, −1, 0, 2; labels around their mean 2.5 spread 5.
        var evaluation = Of([2, 1, 3, 6], [1, 2, 3, 4]);
        Assert.Equal((Math.Sqrt(1.5), 1.0), (evaluation["rmse"], evaluation["mae"]));
        Assert.Equal((1 - 6.0 / 5, 0.5), (evaluation["r2"], evaluation["bias"]));
        Assert.Equal(("rmse", false), (evaluation.PrimaryMetric.Name, evaluation.PrimaryMetric.HigherIsBetter));
        Assert.Equal(4, evaluation.RowCount);
    }

    [Fact]
    public void A_weight_counts_as_so_many_rows()
    {
        var weighted = Of([2, 1, 5], [1, 2, 3], [3, 1, 0]);
        var repeated = Of([2, 2, 2, 1], [1, 1, 1, 2]);
        Assert.Equal(repeated.Metrics, weighted.Metrics);
        Assert.Equal(3, weighted.RowCount);
    }

    [Fact]
    public void No_rows_leave_everything_undefined()
    {
        var evaluation = new RegressionEvaluator().Conclude();
        Assert.All(evaluation.Metrics, metric => Assert.Null(metric.Value));
        Assert.Contains("undefined", evaluation.ToString());
    }

    [Fact]
    public void A_constant_label_has_no_r2() => Assert.Equal((null, 1.0), (Of([1, 3], [2, 2])["r2"], Of([1, 3], [2, 2])["rmse"]));

    [Fact]
    public void Merging_any_split_agrees_with_one_pass()
    {
        var random = new Random(5);
        for (var round = 0; round < 30; round++)
        {
            var labels = Enumerable.Range(0, random.Next(1, 300)).Select(_ => 1000 + random.NextSingle()).ToArray();
            var scores = labels.Select(label => label + random.NextSingle() - 0.3f).ToArray();
            var weights = labels.Select(_ => random.NextSingle() * 3).ToArray();
            var cut = random.Next(labels.Length + 1);
            var (left, right) = (new RegressionEvaluator(), new RegressionEvaluator());
            left.Add(scores.AsSpan(..cut), labels.AsSpan(..cut), weights.AsSpan(..cut));
            right.Add(scores.AsSpan(cut..), labels.AsSpan(cut..), weights.AsSpan(cut..));
            var (whole, merged) = (Of(scores, labels, weights), left.Merge(right).Conclude());
            Assert.Equal(whole.RowCount, merged.RowCount);
            foreach (var (expected, found) in whole.Metrics.Zip(merged.Metrics))
            {
                Assert.Equal(expected.Value.GetValueOrDefault(), found.Value.GetValueOrDefault(), 1e-9);
            }

            Assert.Equal(whole.Metrics, RegressionEvaluator.Empty.Merge(Fed(scores, labels, weights)).Conclude().Metrics);
        }
    }

    [Fact]
    public void Wrong_rows_are_refused_and_nothing_is_taken_in()
    {
        var evaluator = new RegressionEvaluator();
        Assert.Throws<ArgumentException>(() => evaluator.Add([1], [1, 2], [1]));
        Assert.Contains("row 1", Assert.Throws<ArgumentException>(() => evaluator.Add([1, float.NaN], [1, 2], [1, 1])).Message);
        Assert.Throws<ArgumentException>(() => evaluator.Add([1], [float.PositiveInfinity], [1]));
        Assert.Throws<ArgumentException>(() => evaluator.Add([1], [1], [-1]));
        Assert.Equal(0, evaluator.Conclude().RowCount);
    }

    [Fact]
    public void It_prints_as_an_aligned_table() => Assert.Equal(
        "regression, 4 rows\n  rmse    1.2247\n  mae     1.0000\n  r2    -0.20000\n  bias   0.50000",
        Of([2, 1, 3, 6], [1, 2, 3, 4]).ToString());

    [Fact]
    public void Metrics_compare_in_their_direction()
    {
        var (low, high) = (new Metric("rmse", 1, HigherIsBetter: false), new Metric("rmse", 2, HigherIsBetter: false));
        Assert.True(low.IsBetterThan(high));
        Assert.False(high.IsBetterThan(low));
        Assert.True(new Metric("auc", 0.7, true).IsBetterThan(new Metric("auc", 0.6, true)));
        Assert.True(low.IsBetterThan(low with { Value = null }));
        Assert.False((low with { Value = null }).IsBetterThan(low));
        Assert.Throws<ArgumentException>(() => Of([1], [1])["auc"]);
    }

    static Training.Evaluation Of(float[] scores, float[] labels, float[]? weights = null) =>
        Fed(scores, labels, weights).Conclude();

    static RegressionEvaluator Fed(float[] scores, float[] labels, float[]? weights)
    {
        var evaluator = new RegressionEvaluator();
        evaluator.Add(scores, labels, weights ?? [.. labels.Select(_ => 1f)]);
        return evaluator;
    }
}

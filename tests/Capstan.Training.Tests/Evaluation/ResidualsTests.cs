namespace Capstan.Training.Tests.Evaluation;

public sealed class ResidualsTests
{
    [Fact]
    public void A_constant_error_is_all_bias()
    {
        var residuals = Residuals.Of([3, 4, 5, 6], [1, 2, 3, 4], [1, 1, 1, 1]);
        Assert.Equal(1, residuals.BiasShare!.Value, 1e-12);
        Assert.Equal(1, residuals.ExplainedVariance!.Value, 1e-12);
        Assert.Equal((2, 2, 2), residuals.AbsoluteErrors);
        Assert.All(residuals.ByPrediction, bin => Assert.Equal((2.0, 2.0, 2.0, 2.0), (bin.Mean, bin.P10, bin.Median, bin.P90)));
    }

    [Fact]
    public void Bins_are_of_equal_weight_and_never_divide_equal_predictions()
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 4000).Select(row => row < 500 ? 7f : (float)random.NextDouble() * 20).ToArray();
        var residuals = Residuals.Of(scores, [.. scores.Select(score => score * 0.9f)], [.. scores.Select(_ => 1f)]);
        Assert.InRange(residuals.ByPrediction.Length, 17, 20);
        Assert.Equal(4000, residuals.ByPrediction.Sum(bin => bin.Weight));
        Assert.Single(residuals.ByPrediction, bin => bin.Low <= 7 && 7 <= bin.High);
        Assert.All(residuals.ByPrediction.Zip(residuals.ByPrediction.Skip(1)), pair => Assert.True(pair.First.High < pair.Second.Low));
        Assert.All(residuals.ByPrediction, bin => Assert.InRange(bin.Mean, 0.1 * bin.Low - 1e-5, 0.1 * bin.High + 1e-5));
        Assert.Equal(4000, residuals.Histogram.Bins.Sum(bin => bin.Count) + residuals.Histogram.Below + residuals.Histogram.Above);
    }

    [Fact]
    public void The_order_of_rows_and_rows_of_no_weight_change_nothing()
    {
        float[] scores = [1, 5, 2, 4, 9], labels = [2, 3, 2, 8, 0], weights = [1, 2, 1, 3, 0];
        var forward = Residuals.Of(scores, labels, weights);
        var backward = Residuals.Of([.. scores[..4].Reverse()], [.. labels[..4].Reverse()], [.. weights[..4].Reverse()]);
        Assert.Equal(forward.ByPrediction, backward.ByPrediction);
        Assert.Equal(forward.MeanAbsolutePercentage, backward.MeanAbsolutePercentage);
        Assert.NotNull(forward.MeanAbsolutePercentage);
    }

    [Fact]
    public void What_is_not_defined_is_null()
    {
        Assert.Null(Residuals.Of([1, 2], [0, 1], [1, 1]).MeanAbsolutePercentage);
        Assert.Null(Residuals.Of([1, 2], [3, 3], [1, 1]).ExplainedVariance);
        Assert.Null(Residuals.Of([3, 3], [3, 3], [1, 1]).BiasShare);
        var none = Residuals.Of([], [], []);
        Assert.Null(none.AbsoluteErrors);
        Assert.Empty(none.ByPrediction);
        Assert.Empty(none.Histogram.Bins);
    }
}

namespace Capstan.Training.Tests.Evaluation;

public sealed class OperatingCurveTests
{
    [Fact]
    public void Curves_begin_with_nothing_called_positive_and_end_with_everything()
    {
        var curve = OperatingCurve.Of([2, 1, 0, -1], [1, 0, 1, 0], [1, 1, 1, 1], 100);
        Assert.Equal(new OperatingPoint(1, 0, 0, 2, 2), curve.Points[0]);
        Assert.Equal(new OperatingPoint(0, 2, 2, 0, 0), curve.Points[^1]);
        Assert.Equal(5, curve.Points.Length);
        Assert.Null(curve.Points[0].Precision);
        Assert.Equal(2, curve.Points[1].Lift);
        Assert.Equal((0.25, 0.5), (curve.Points[1].PositiveRate, curve.Points[1].Recall));
    }

    [Fact]
    public void Equal_scores_are_called_alike()
    {
        var curve = OperatingCurve.Of([1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1], 100);
        Assert.Equal(3, curve.Points.Length);
        Assert.Equal(new OperatingPoint(0.6, 2, 1, 0, 1), curve.At(0.6));
    }

    [Fact]
    public void A_probability_at_the_threshold_is_not_above_it()
    {
        var curve = OperatingCurve.Of([0, 1], [1, 1], [1, 1], 10);
        Assert.Equal(1, curve.At(0.5)!.Value.TruePositives);
        Assert.Equal(2, curve.At(0.499)!.Value.TruePositives);
        Assert.Equal(2, curve.At(0)!.Value.TruePositives);
        Assert.Equal(0, curve.At(1)!.Value.TruePositives);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(200)]
    public void There_are_never_more_points_than_asked_for(int most)
    {
        var random = new Random(most);
        var labels = Enumerable.Range(0, 5000).Select(_ => (float)random.Next(2)).ToArray();
        var scores = labels.Select(label => (float)(random.NextDouble() * 3 + label)).ToArray();
        var curve = OperatingCurve.Of(scores, labels, [.. labels.Select(_ => 1f)], most);
        Assert.InRange(curve.Points.Length, most / 2 + 1, most);
        Assert.Equal(curve.Points.Select(point => point.Threshold).OrderDescending(), curve.Points.Select(point => point.Threshold));
    }

    [Fact]
    public void Without_rows_or_positives_there_is_nothing_to_call()
    {
        var empty = OperatingCurve.Of([], [], [], 10);
        Assert.Empty(empty.Points);
        Assert.Null(empty.At(0.5));
        Assert.Null(empty.BestF1);
        var negative = OperatingCurve.Of([1, 2], [0, 0], [1, 1], 10);
        Assert.Null(negative.BestF1);
        Assert.Null(negative.At(0.5)!.Value.Recall);
        Assert.Equal(0, negative.At(0.5)!.Value.MatthewsCorrelation);
    }
}

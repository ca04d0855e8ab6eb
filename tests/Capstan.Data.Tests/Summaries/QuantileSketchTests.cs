namespace Capstan.Data.Tests.Summaries;

public sealed class QuantileSketchTests
{
    [Fact]
    public void Nothing_observed_has_no_quantile_and_no_boundaries()
    {
        Assert.Throws<InvalidOperationException>(() => QuantileSketch.Empty.Quantile(0.5));
        Assert.Empty(QuantileSketch.Empty.Boundaries(10));
        Assert.Equal(0, QuantileSketch.Empty.ShareAtOrBelow(3));
    }

    [Fact]
    public void One_value_is_every_quantile()
    {
        var sketch = Of([7]);
        Assert.Equal([7, 7, 7], [sketch.Quantile(0), sketch.Quantile(0.5), sketch.Quantile(1)]);
        Assert.Equal([7], sketch.Boundaries(4));
    }

    [Fact]
    public void Quartiles_of_a_hundred_values_are_exact()
    {
        var sketch = Of([.. Enumerable.Range(1, 100).Select(value => (double)value)]);
        Assert.True(sketch.IsExact);
        Assert.Equal([25, 50, 75], sketch.Boundaries(4));
        Assert.Equal(0.30, sketch.ShareAtOrBelow(30.5));
    }

    [Fact]
    public void Boundaries_are_distinct_where_values_repeat() =>
        Assert.Equal([0, 1, 2], Of([0, 0, 0, 0, 0, 0, 0, 1, 2, 2]).Boundaries(10));

    [Fact]
    public void What_is_not_finite_is_not_observed_and_negative_zero_is_zero()
    {
        var sketch = Of([double.NaN, -0.0, double.PositiveInfinity, double.NegativeInfinity]);
        Assert.Equal((1, 0L), (sketch.Count, BitConverter.DoubleToInt64Bits(sketch.Quantile(0.5))));
        Assert.Equal(Of([0.0]).ToBytes(), sketch.ToBytes());
    }

    [Fact]
    public void The_first_value_over_the_size_makes_it_approximate()
    {
        var sketch = Of([.. Enumerable.Range(0, QuantileSketch.DefaultSize - 1).Select(value => (double)value)]);
        Assert.Equal((true, 0.0), (sketch.IsExact, sketch.RankError));
        sketch.Observe(-1);
        Assert.False(sketch.IsExact);
        Assert.InRange(sketch.RankError, 0.0001, 0.001);
        Assert.Equal((-1, QuantileSketch.DefaultSize - 2), (sketch.Quantile(0), sketch.Quantile(1)));
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_share_outside_0_to_1_is_refused(double q) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Of([1]).Quantile(q));

    static QuantileSketch Of(double[] values)
    {
        var sketch = new QuantileSketch();
        sketch.Observe(values);
        return sketch;
    }
}

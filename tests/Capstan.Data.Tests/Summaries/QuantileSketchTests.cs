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
    public void The_value_number_15_000_makes_it_approximate_and_the_error_is_stated()
    {
        var sketch = Of([.. Enumerable.Range(0, 14_999).Select(value => (double)value)]);
        Assert.Equal((true, 0.0), (sketch.IsExact, sketch.RankError));
        sketch.Observe(-1);
        Assert.Equal((false, 1 / 15_000.0), (sketch.IsExact, sketch.RankError));
        Assert.Equal((-1, 14_998), (sketch.Quantile(0), sketch.Quantile(1)));
    }

    [Fact]
    public void A_state_of_version_1_is_read_with_the_error_that_it_can_have()
    {
        // 30 values 0, 0.25, … 7.25 in a sketch of size 24, halved once.
        var sketch = StoredState.FromBytes<QuantileSketch>(Convert.FromBase64String(
            "pwABARgYAhgeA/kAAAT5R0AFWCABAAAAAAAAAAYAAAAAAAAAAAAAAAAAAAAMAAAAAAAAAAZYkAAAAAAAAOA/AAAAAAAAAkAAAAAAAAAQQAAAAA" +
            "AAABJAAAAAAAAAF0AAAAAAAAAZQAAAAAAAANA/AAAAAAAA8D8AAAAAAAD4PwAAAAAAAABAAAAAAAAABkAAAAAAAAAKQAAAAAAAAA5AAAAAAAAA" +
            "E0AAAAAAAAAVQAAAAAAAABhAAAAAAAAAG0AAAAAAAAAdQA=="));
        Assert.Equal((30, 1 / 30.0, 0, 7.25), (sketch.Count, sketch.RankError, sketch.Min, sketch.Max));
        Assert.InRange(sketch.Quantile(0.5), 3.25, 3.75);
        var read = StoredState.FromBytes<QuantileSketch>(sketch.ToBytes());
        Assert.Equal((sketch.RankError, sketch.Quantile(0.5)), (read.RankError, read.Quantile(0.5)));
    }

    [Fact]
    public void A_coarser_sketch_is_smaller_within_its_own_limit_and_leaves_the_finer_one_alone()
    {
        var fine = Of([.. Enumerable.Range(0, 300_000).Select(value => (double)value)]);
        var before = fine.ToBytes();
        var coarse = fine.Coarsen(0.01);
        Assert.Equal(before, fine.ToBytes());
        Assert.Equal((300_000, 0, 299_999), (coarse.Count, coarse.Min, coarse.Max));
        Assert.InRange(coarse.ToBytes().Length, 1, before.Length / 4);
        Assert.InRange(coarse.RankError, fine.RankError, 0.01);
        Assert.InRange(coarse.Quantile(0.5) / 150_000, 0.98, 1.02);
        Assert.Equal(before, fine.Coarsen(0.0001).ToBytes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(double.NaN)]
    public void A_limit_out_of_range_is_refused(double limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileSketch(limit));

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

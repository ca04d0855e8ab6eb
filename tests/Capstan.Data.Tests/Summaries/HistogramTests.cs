namespace Capstan.Data.Tests.Summaries;

public sealed class HistogramTests
{
    static QuantileSketch Sketch(params IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        sketch.Observe([.. values]);
        return sketch;
    }

    static long[] Counts(Histogram histogram) => [.. histogram.Bins.Select(bin => bin.Count)];

    [Fact]
    public void Bins_of_equal_width_count_from_their_lower_edge_on_and_the_last_both()
    {
        var histogram = Histogram.EqualWidth(Sketch(0, 1, 1, 2, 3, 4), 2);
        Assert.Equal([new Bin(0, 2, 3), new Bin(2, 4, 3)], histogram.Bins);
        Assert.Equal((0, 0, 3), (histogram.Below, histogram.Above, histogram.Most));
    }

    [Fact]
    public void What_lies_outside_the_range_is_counted_beside_the_bins()
    {
        var histogram = Histogram.EqualWidth(Sketch(-7, 0, 1, 2, 3, 4, 9, 9), 2, 0, 4);
        Assert.Equal([2, 3], Counts(histogram));
        Assert.Equal((1, 2), (histogram.Below, histogram.Above));
    }

    [Fact]
    public void Quantile_bins_hold_about_equally_many_and_collapse_where_values_repeat()
    {
        Assert.Equal([24, 25, 25, 26], Counts(Histogram.Quantiles(Sketch(Enumerable.Range(1, 100).Select(value => (double)value)), 4)));
        Assert.Equal([new Bin(5, 5, 3)], Histogram.Quantiles(Sketch(5, 5, 5), 4).Bins);
        Assert.Equal([new Bin(0, 1, 1), new Bin(1, 1, 5)], Histogram.Quantiles(Sketch(0, 1, 1, 1, 1, 1), 4).Bins);
    }

    [Fact]
    public void No_values_have_no_bins_and_one_value_has_one()
    {
        Assert.Empty(Histogram.EqualWidth(Sketch(), 10).Bins);
        Assert.Empty(Histogram.Quantiles(Sketch(), 10).Bins);
        Assert.Empty(Histogram.OfBulk(Sketch(), 10, whole: true).Bins);
        Assert.Equal([new Bin(7, 7, 2)], Histogram.EqualWidth(Sketch(7, 7), 10).Bins);
    }

    [Fact]
    public void A_far_value_does_not_squeeze_the_bulk()
    {
        var histogram = Histogram.OfBulk(Sketch([.. Enumerable.Range(0, 1000).Select(value => value / 100.0), 429_490.2]), 10, whole: false);
        Assert.Equal((10, 0, 1), (histogram.Bins.Length, histogram.Below, histogram.Above));
        Assert.True(histogram.Bins[^1].High < 15);
    }

    [Fact]
    public void Bins_of_whole_numbers_hold_equally_many_of_them()
    {
        var few = Histogram.OfBulk(Sketch(1, 1, 2, 4), 10, whole: true);
        Assert.Equal([new Bin(0.5, 1.5, 2), new Bin(1.5, 2.5, 1), new Bin(2.5, 3.5, 0), new Bin(3.5, 4.5, 1)], few.Bins);
        var many = Histogram.OfBulk(Sketch(Enumerable.Range(0, 60).Select(value => (double)value)), 25, whole: true);
        Assert.All(many.Bins, bin => Assert.Equal(3, bin.Count));
    }

    [Theory]
    [InlineData(-double.MaxValue, double.MaxValue)]
    [InlineData(0, double.Epsilon)]
    [InlineData(1e16, 1e16 + 2)]
    public void Extreme_ranges_lose_nothing(double low, double high)
    {
        foreach (var histogram in new[] { Histogram.EqualWidth(Sketch(low, high), 10), Histogram.OfBulk(Sketch(low, high), 10, whole: true) })
        {
            Assert.Equal(2, histogram.Bins.Sum(bin => bin.Count) + histogram.Below + histogram.Above);
            Assert.All(histogram.Bins, bin => Assert.True(double.IsFinite(bin.Low) && double.IsFinite(bin.High)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Counts_add_up_and_are_right_to_twice_the_rank_error(int seed)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, 100_000).Select(_ => Math.Pow(random.NextDouble(), 3) * 100 - 20).ToArray();
        var sketch = Sketch(values);
        foreach (var histogram in new[] { Histogram.EqualWidth(sketch, 13), Histogram.Quantiles(sketch, 10), Histogram.OfBulk(sketch, 30, false) })
        {
            Assert.Equal(values.Length, histogram.Bins.Sum(bin => bin.Count) + histogram.Below + histogram.Above);
            Assert.All(histogram.Bins.SkipLast(1), bin => Assert.InRange(
                bin.Count - values.Count(value => value >= bin.Low && value < bin.High),
                -2 * sketch.RankError * values.Length, 2 * sketch.RankError * values.Length));
        }
    }

    [Fact]
    public void Edges_that_do_not_ascend_are_refused() =>
        Assert.Contains("0, 2, 1", Assert.Throws<ArgumentException>(() => Histogram.Between(Sketch(1), [0, 2, 1])).Message);
}

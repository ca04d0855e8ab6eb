namespace Capstan.Data.Tests.Summaries;

public sealed class MomentsTests
{
    [Fact]
    public void Nothing_observed_is_all_zero()
    {
        var moments = Moments.Empty;
        Assert.Equal((0, 0.0, 0.0, 0.0, 0.0), (moments.Count, moments.Mean, moments.Variance, moments.Min, moments.Max));
    }

    [Fact]
    public void One_value_has_no_variance()
    {
        var moments = Moments.Of([-2.5]);
        Assert.Equal((1, -2.5, 0.0, -2.5, -2.5), (moments.Count, moments.Mean, moments.Variance, moments.Min, moments.Max));
    }

    [Fact]
    public void The_variance_is_biased()
    {
        var moments = Moments.Of([2, 4, 4, 4, 5, 5, 7, 9]);
        Assert.Equal((5.0, 4.0, 2.0), (moments.Mean, moments.Variance, moments.StandardDeviation));
    }

    [Fact]
    public void Values_that_are_not_finite_are_not_observed()
    {
        var moments = Moments.Of([double.NaN, 1, double.PositiveInfinity, 3, double.NegativeInfinity]);
        moments.Observe(double.NaN);
        Assert.Equal((2, 2.0, 1.0, 1.0, 3.0), (moments.Count, moments.Mean, moments.Variance, moments.Min, moments.Max));
    }

    [Fact]
    public void The_largest_numbers_give_finite_results()
    {
        var moments = Moments.Of([1e308, -1e308, 1.7e308, -1.7e308, 1e308, 1e308]);
        Assert.Equal(6, moments.Count);
        Assert.Equal(1e308 / 3, moments.Mean, 1e294);
        Assert.Equal((double.MaxValue / 6, -1.7e308, 1.7e308), (moments.Variance, moments.Min, moments.Max));
        var merged = moments.Merge(Moments.Of([-1.7e308, -1.7e308]));
        Assert.True(double.IsFinite(merged.Mean) && double.IsFinite(merged.Variance));
        Assert.Equal(-1.4e308 / 8, merged.Mean, 1e294);
    }

    [Fact]
    public void A_large_offset_does_not_eat_the_variance()
    {
        var values = Enumerable.Range(0, 100_000).Select(index => 1e9 + index % 2).ToArray();
        Assert.Equal(0.25, Moments.Of(values).Variance, 1e-9);
    }

    [Fact]
    public void Negative_zero_is_zero() =>
        Assert.Equal(Moments.Of([0.0]).ToBytes(), Moments.Of([-0.0]).Merge(Moments.Empty).ToBytes());
}

namespace Capstan.Data.Tests.Simulation;

public sealed class TripDriftTests
{
    [Fact]
    public void Switches_combine()
    {
        Assert.Equal(TripDrift.None, TripDrift.Parse([]));
        Assert.Equal(
            new TripDrift { MeanShift = 0.3, VarianceGrowth = 1, NewCategory = 0.1, MissingValues = 0.05 },
            TripDrift.Parse(["mean=0.3", "variance=1", "category=0.1", "missing=0.05"]));
    }

    [Theory]
    [InlineData("mean", "a name and a strength")]
    [InlineData("mean=much", "a name and a strength")]
    [InlineData("median=0.3", "mean, variance, category and missing")]
    [InlineData("category=1.5", "expected 0 to 1")]
    [InlineData("variance=-1", "expected 0 to 3")]
    [InlineData("missing=NaN", "expected 0 to 1")]
    public void A_wrong_switch_says_what_was_expected(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => TripDrift.Parse([text])).Message);

    [Fact]
    public void A_strength_out_of_range_is_refused_by_the_simulator() =>
        Assert.Throws<ArgumentException>(() => new TripSimulator(1, 1, new TripDrift { NewCategory = 2 }));
}

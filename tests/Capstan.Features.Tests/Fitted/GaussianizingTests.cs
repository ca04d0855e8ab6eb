using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class GaussianizingTests
{
    // Values of R's qnorm.
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.1, -1.2815515655446004)]
    [InlineData(1e-5, -4.264890793922825)]
    [InlineData(1e-20, -9.262340089798408)]
    public void Normal_quantiles_are_those_of_R(double share, double expected) =>
        Assert.Equal(expected, NormalDistribution.Quantile(share), 1e-13 * Math.Max(1, Math.Abs(expected)));

    [Theory]
    [InlineData("exponential")]
    [InlineData("lognormal")]
    [InlineData("uniform")]
    [InlineData("two humps")]
    [InlineData("heavy tails")]
    public async Task Any_continuous_distribution_becomes_standard_normal(string distribution)
    {
        var random = new Random(3);
        // 40,000 rows: the sketch no longer holds them all.
        var values = Enumerable.Range(0, 40_000).Select(_ => (object?)Draw(distribution, random)).ToArray();
        var found = (await FitAndApply("gaussianize(x)", Of(Numbers("x", values)))).Select(value => (double)(float)value).ToArray();
        var mean = found.Average();
        var deviation = Math.Sqrt(found.Average(z => (z - mean) * (z - mean)));
        Assert.InRange(mean, -0.02, 0.02);
        Assert.InRange(deviation, 0.97, 1.03);
        Assert.InRange(found.Average(z => Math.Pow((z - mean) / deviation, 3)), -0.15, 0.15);
        Assert.InRange(found.Average(z => Math.Pow((z - mean) / deviation, 4)) - 3, -0.35, 0.35);
        // Shares of the normal distribution within −2 to 2, −1 to 1.
        Assert.Equal(0.9545, found.Count(z => Math.Abs(z) < 2) / 40_000.0, 0.006);
        Assert.Equal(0.6827, found.Count(z => Math.Abs(z) < 1) / 40_000.0, 0.01);
    }

    [Fact]
    public async Task Greater_values_never_become_smaller_and_ends_hold_beyond_the_training_rows()
    {
        var transform = await Fit("gaussianize(x)", Of(Numbers("x", 1, 2, 2, 2, 5, 100, null)));
        var found = Apply(transform, Of(Numbers("x", -1e300, 1, 1.5, 2, 4, 5, 99, 100, 1e300, null))).Select(value => (float)value).ToArray();
        Assert.Equal(found[..^1].Order(), found[..^1]);
        Assert.Equal((found[0], found[8]), (found[1], found[7]));
        // A share of half of one of six rows, and the middle of four of six.
        Assert.Equal((float)NormalDistribution.Quantile(0.5 / 6), found[1]);
        Assert.Equal((float)NormalDistribution.Quantile((1 / 6.0 + 4 / 6.0) / 2), found[3]);
        Assert.Equal(0, found[^1]);
    }

    [Fact]
    public async Task Nothing_to_tell_apart_is_0()
    {
        foreach (var rows in new[] { Of(Numbers("x")), Of(Numbers("x", 7, 7, 7)), Of(Numbers("x", null, null)) })
        {
            Assert.Equal([0f, 0f, 0f], Apply(await Fit("gaussianize(x)", rows), Of(Numbers("x", 7, -1e300, null))));
        }
    }

    [Fact]
    public async Task A_poisoned_row_stretches_only_the_last_line()
    {
        var values = Enumerable.Range(0, 1000).Select(value => (object?)value);
        var clean = Apply(await Fit("gaussianize(x)", Of(Numbers("x", [.. values]))), Of(Numbers("x", 10, 500, 900)));
        var poisoned = Apply(
            await Fit("gaussianize(x)", Of(Numbers("x", [.. values, 1e308, -1e308]))), Of(Numbers("x", 10, 500, 900)));
        Assert.All(clean.Zip(poisoned), pair => Assert.Equal((float)pair.First, (float)pair.Second, 0.05));
    }

    static double Draw(string distribution, Random random) => distribution switch
    {
        "exponential" => -Math.Log(1 - random.NextDouble()),
        "lognormal" => Math.Exp(Normal(random)),
        "uniform" => random.NextDouble(),
        "two humps" => Normal(random) + (random.Next(3) == 0 ? 20 : 0),
        _ => Normal(random) / Math.Sqrt(0.5 * (Math.Pow(Normal(random), 2) + Math.Pow(Normal(random), 2)) + 1e-3),
    };

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

using Capstan.Data;

namespace Capstan.Gateway.Tests.Experiments;

public sealed class SequentialTestTests
{
    const int Days = 30;
    const int OutcomesADay = 100;

    /// <summary>Whether anybody who looks every day ever sees a winner.</summary>
    static bool EverSignificant(ulong seed, double first, double second, bool numbers = false)
    {
        var random = new SeededRandom(seed);
        var (a, b) = (default(OutcomeMoments), default(OutcomeMoments));
        for (var day = 0; day < Days; day++)
        {
            for (var outcome = 0; outcome < OutcomesADay; outcome++)
            {
                a = a.With(numbers ? first + random.NextNormal() * 3 : random.NextDouble() < first ? 1 : 0);
                b = b.With(numbers ? second + random.NextNormal() * 3 : random.NextDouble() < second ? 1 : 0);
            }

            if (SequentialTest.Compare(a, b, 0.95) is { } comparison)
            {
                Assert.Equal(comparison.P <= 0.05, comparison.Low > 0 || comparison.High < 0);
                if (comparison.P <= 0.05)
                {
                    return true;
                }
            }
        }

        return false;
    }

    [Theory]
    [InlineData(0.3, false)]
    [InlineData(0.02, false)]
    [InlineData(10, true)]
    public void Of_a_thousand_experiments_without_a_difference_looked_at_daily_at_most_a_twentieth_finds_a_winner(double mean, bool numbers)
    {
        var winners = Enumerable.Range(1, 1000).Count(seed => EverSignificant((ulong)seed, mean, mean, numbers));
        Assert.InRange(winners, 0, 50);
    }

    [Fact]
    public void A_difference_of_a_third_is_nearly_always_found() =>
        Assert.InRange(Enumerable.Range(1, 200).Count(seed => EverSignificant((ulong)seed, 0.3, 0.4)), 195, 200);

    [Fact]
    public void The_interval_holds_the_true_difference_at_every_look_in_nineteen_of_twenty_experiments()
    {
        var missed = 0;
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var random = new SeededRandom(seed);
            var (a, b, held) = (default(OutcomeMoments), default(OutcomeMoments), true);
            for (var outcome = 1; outcome <= 2000; outcome++)
            {
                a = a.With(random.NextNormal());
                b = b.With(0.2 + random.NextNormal());
                held &= SequentialTest.Compare(a, b, 0.95) is not { } comparison || (comparison.Low <= 0.2 && comparison.High >= 0.2);
            }

            missed += held ? 0 : 1;
        }

        Assert.InRange(missed, 0, 15);
    }

    [Fact]
    public void Of_few_outcomes_nothing_is_said_and_of_constant_ones_all()
    {
        var (few, zeros, ones) = (default(OutcomeMoments), default(OutcomeMoments), default(OutcomeMoments));
        for (var outcome = 0; outcome < 100; outcome++)
        {
            (few, zeros, ones) = (outcome < 99 ? few.With(outcome) : few, zeros.With(0), ones.With(1));
        }

        Assert.Null(SequentialTest.Compare(few, ones, 0.95));
        Assert.Equal(double.PositiveInfinity, SequentialTest.HalfWidth(few, 0.95));
        Assert.Equal((1.0, 0.0), SequentialTest.Compare(zeros, ones, 0.95) is { } certain ? (certain.Difference, certain.P) : default);
        Assert.Equal(1.0, SequentialTest.Compare(ones, ones, 0.95)!.Value.P); // There are enough.
    }

    [Fact]
    public void Moments_are_those_of_all_numbers()
    {
        var moments = new[] { 1.0, 2, 4, 9 }.Aggregate(default(OutcomeMoments), (sums, number) => sums.With(number));
        Assert.Equal((4, 4.0), (moments.Count, moments.Mean));
        Assert.Equal((9 + 4 + 0 + 25) / 3.0, moments.Variance, 12);
    }
}

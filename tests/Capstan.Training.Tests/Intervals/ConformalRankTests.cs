namespace Capstan.Training.Tests.Intervals;

public sealed class ConformalRankTests
{
    [Theory]
    [InlineData(9, 0.9, 9)]
    [InlineData(10, 0.9, 10)]
    [InlineData(19, 0.95, 19)]
    [InlineData(100, 0.9, 91)]
    [InlineData(100, 0.5, 51)]
    [InlineData(4, 0.2, 1)]
    [InlineData(1, 0.5, 1)]
    public void It_is_the_smallest_rank_that_one_more_row_is_below_with_the_probability(int count, double coverage, int expected)
    {
        var random = new Random(count);
        double[] errors = [.. Enumerable.Range(1, count).Select(error => (double)error).OrderBy(_ => random.Next())];
        Assert.Equal(expected, ConformalRank.Of(errors, coverage));
    }

    [Theory]
    [InlineData(0.9, 9)]
    [InlineData(0.95, 19)]
    [InlineData(0.99, 99)]
    [InlineData(0.5, 1)]
    [InlineData(0.3, 1)]
    public void Fewer_rows_than_it_takes_give_none(double coverage, int fewest)
    {
        Assert.Equal(fewest, ConformalRank.FewestRows(coverage));
        Assert.Null(ConformalRank.Of(new double[fewest - 1], coverage));
        Assert.NotNull(ConformalRank.Of(new double[fewest], coverage));
    }

    [Fact]
    public void Errors_are_kept_all_while_they_are_few_and_evenly_thinned_beyond()
    {
        foreach (var count in new[] { 0, 1, 8, 9, 17, 100, 1000 })
        {
            var held = new HeldErrors(most: 8);
            for (var index = 0; index < count; index++)
            {
                held.Add(index);
            }

            var kept = held.Errors.ToArray();
            Assert.True(kept.Length <= 8 && kept.Length >= Math.Min(count, 4), $"{kept.Length} of {count} are kept.");
            var step = kept.Length < 2 ? 1 : kept[1] - kept[0];
            Assert.Equal(Enumerable.Range(0, kept.Length).Select(index => index * step), kept);
            Assert.InRange(count - kept.Length * step, 1 - step, step);
        }
    }
}

namespace Capstan.Cli.Tests.Progress;

public sealed class PaceTests
{
    [Theory]
    [InlineData(3_700_000, 10_000_000L, 9.0, "37 % · 3.7 M of 10 M rows · 411 k rows/s · 16 s left")]
    [InlineData(0, 10_000_000L, 0.0, "0 % · 0 of 10 M rows")]
    [InlineData(10, 10L, 2.0, "100 % · 10 of 10 rows · 5 rows/s")]
    [InlineData(999, 1000L, 1.0, "99 % · 999 of 1 k rows · 999 rows/s · 1 s left")]
    [InlineData(1500, null, 1.0, "1.5 k rows · 1.5 k rows/s")]
    [InlineData(12, 10L, 1.0, "100 % · 12 of 10 rows · 12 rows/s")]
    [InlineData(0, 0L, 1.0, "0 of 0 rows")]
    public void A_pace_in_words(long done, long? total, double seconds, string expected) =>
        Assert.Equal(expected, new Pace(done, total, "rows", TimeSpan.FromSeconds(seconds)).ToString());

    [Theory]
    [InlineData(0, "0")]
    [InlineData(7.25, "7.3")]
    [InlineData(950, "950")]
    [InlineData(999.4, "999")]
    [InlineData(999.6, "1 k")]
    [InlineData(1234, "1.2 k")]
    [InlineData(37_400_000, "37 M")]
    [InlineData(2_500_000_000, "2.5 G")]
    public void Numbers_are_short(double number, string expected) => Assert.Equal(expected, Pace.Short(number));

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(99.5, "100 s")]
    [InlineData(100.5, "2 min")]
    [InlineData(7200, "2 h")]
    public void Times_are_short(double seconds, string expected) => Assert.Equal(expected, Pace.Short(TimeSpan.FromSeconds(seconds)));
}

namespace Capstan.Data.Tests.Summaries;

public sealed class CalendarStepsTests
{
    static long At(string time) => Timestamps.FromDateTime(DateTime.Parse(time, System.Globalization.CultureInfo.InvariantCulture));

    static string Text(double edge) => TimestampText.Format((long)edge);

    [Theory]
    [InlineData("2020-01-01T00:00:00", "2020-01-01T00:00:09", "second", "2020-01-01", "2020-01-01T00:00:10")]
    [InlineData("2020-01-01T10:12:00", "2020-01-02T03:00:00", "hour", "2020-01-01T10:00:00", "2020-01-02T04:00:00")]
    [InlineData("2020-02-20T10:12:00", "2020-03-05T03:00:00", "day", "2020-02-20", "2020-03-06")]
    [InlineData("2020-02-20T10:12:00", "2020-06-05T03:00:00", "week", "2020-02-17", "2020-06-08")]
    [InlineData("2018-01-01T10:12:00", "2020-06-30T03:00:00", "month", "2018-01-01", "2020-07-01")]
    [InlineData("2009-01-01T10:12:00", "2015-06-30T03:00:00", "quarter", "2009-01-01", "2015-07-01")]
    [InlineData("1969-12-31T23:00:00", "1970-01-04T20:00:00", "3 hours", "1969-12-31T21:00:00", "1970-01-04T21:00:00")]
    [InlineData("1969-06-15T00:00:00", "1981-01-01T00:00:00", "year", "1969-01-01", "1982-01-01")]
    public void The_finest_step_that_fits_begins_where_the_calendar_does(string earliest, string latest, string step, string first, string last)
    {
        var (name, edges) = CalendarSteps.Between(At(earliest), At(latest), 32);
        Assert.Equal((step, first, last), (name, Text(edges[0]), Text(edges[^1])));
    }

    [Fact]
    public void Any_two_moments_are_covered_by_few_ascending_steps()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var span = (long)Math.Pow(10, random.NextDouble() * 17);
            var earliest = random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue - 1);
            var latest = Math.Min(Timestamps.MaxValue, earliest + span);
            var (_, edges) = CalendarSteps.Between(earliest, latest, 40);
            Assert.InRange(edges.Length, 2, 41);
            Assert.True(edges[0] <= earliest && edges[^1] >= latest, $"{earliest} {latest}");
            Assert.All(Enumerable.Range(1, edges.Length - 1), index => Assert.True(edges[index] > edges[index - 1]));
        }
    }

    [Fact]
    public void The_whole_calendar_fits() =>
        Assert.InRange(CalendarSteps.Between(Timestamps.MinValue, Timestamps.MaxValue, 10).Edges.Length, 2, 12);
}

using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class DateTableTests
{
    const string Table = "['2001-12-25', '2001-01-01', '2001-01-01']";

    [Theory]
    [InlineData("2001-01-01", 1.0)]
    [InlineData("2001-01-01T23:59:59.999999", 1.0)]
    [InlineData("2001-01-02", 0.0)]
    [InlineData("2000-12-31T23:59:59.999999", 0.0)]
    [InlineData("2001-12-25T12:00:00", 1.0)]
    [InlineData("1901-01-01", 0.0)]
    [InlineData("9999-12-31", 0.0)]
    [InlineData(null, null)]
    public void A_time_is_in_the_table_on_its_dates_alone(string? time, double? expected) => Check($"in_dates(t, {Table})", time, expected);

    [Theory]
    [InlineData("2000-12-31T23:00:00", 1.0)]
    [InlineData("2001-01-01T23:00:00", 0.0)]
    [InlineData("2001-01-02", 357.0)]
    [InlineData("2001-12-25T23:59:59.999999", 0.0)]
    [InlineData("2001-12-26", null)]
    [InlineData("0001-01-01", 730485.0)]
    [InlineData(null, null)]
    public void Days_are_counted_to_the_next_date(string? time, double? expected) => Check($"days_to(t, {Table})", time, expected);

    [Theory]
    [InlineData("2000-12-31T23:00:00", null)]
    [InlineData("2001-01-01", 0.0)]
    [InlineData("2001-01-02T00:00:00.000001", 1.0)]
    [InlineData("2001-12-24", 357.0)]
    [InlineData("2001-12-31", 6.0)]
    [InlineData(null, null)]
    public void Days_are_counted_since_the_latest_date(string? time, double? expected) => Check($"days_since(t, {Table})", time, expected);

    [Fact]
    public void The_last_microsecond_of_a_day_belongs_to_it_even_in_the_year_9999() =>
        Check("in_dates(t, ['9999-12-30'])", "9999-12-30T23:59:59.999999", 1);

    [Fact]
    public void Every_day_of_a_year_has_the_distances_that_the_calendar_says()
    {
        DateOnly[] table = [new(2000, 2, 29), new(2000, 7, 4), new(2000, 7, 5)];
        var days = Enumerable.Range(0, 366).Select(day => new DateOnly(2000, 1, 1).AddDays(day)).ToArray();
        var rows = Of(Times("t", [.. days.Select(day => (object?)$"{day:yyyy-MM-dd}T13:37:00")]));
        Assert.Equal(
            days.Select(day => table.Where(date => date >= day).Select(date => (double?)(date.DayNumber - day.DayNumber)).Min()),
            Evaluate.Numbers(Expressions.DaysTo(Expressions.Col("t"), table), rows));
        Assert.Equal(
            days.Select(day => table.Where(date => date <= day).Select(date => (double?)(day.DayNumber - date.DayNumber)).Min()),
            Evaluate.Numbers(Expressions.DaysSince(Expressions.Col("t"), table), rows));
    }

    [Theory]
    [InlineData("in_dates(t)", "in_dates takes a time and a list of dates")]
    [InlineData("in_dates(t, [])", "in_dates takes a time and a list of dates")]
    [InlineData("days_to(t, ['2001-01-01', '01/02/2001'])", "'01/02/2001' is no date")]
    [InlineData("days_to(t, ['2001-01-01T12:00:00'])", "'2001-01-01T12:00:00' is no date")]
    [InlineData("days_since(t, [1])", "The list of days_since holds quoted texts only")]
    public void What_is_no_table_of_dates_is_refused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text)).Message);

    static void Check(string expression, string? time, double? expected) =>
        Assert.Equal([expected], Evaluate.Numbers(expression, Of(Times("t", time))));
}

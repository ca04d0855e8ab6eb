using System.Globalization;
using System.Text;

namespace Capstan.Data.Tests.Text;

public sealed class TimestampTextTests
{
    [Theory]
    [InlineData("1970-01-01", 0)]
    [InlineData("1970-01-02", Timestamps.MicrosecondsPerDay)]
    [InlineData("1969-12-31T23:59:59.5", -500_000)]
    [InlineData("1970-01-01 00:01", 60_000_000)]
    [InlineData("1970-01-01T00:00:01.123456789", 1_123_456)]
    [InlineData("1970-01-01T02:00:00+02", 0)]
    [InlineData("1970-01-01T02:30:00+0230", 0)]
    [InlineData("1969-12-31T22:30:00-01:30", 0)]
    [InlineData("1970-01-01T00:00Z", 0)]
    [InlineData("1970-01-01 00:00:01 UTC", 1_000_000)]
    public void Iso_forms_are_read(string text, long expected)
    {
        Assert.True(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out var microseconds));
        Assert.Equal(expected, microseconds);
    }

    // The expected value is .NET's own reading of the same text.
    [Theory]
    [InlineData("2001-03-31")]
    [InlineData("2001-03-31T23:59")]
    [InlineData("2001-03-31 23:59:30")]
    [InlineData("2001-03-31T23:59:30.25")]
    [InlineData("2001-03-31T23:59:30Z")]
    [InlineData("2001-03-31T23:59:30.5+02:00")]
    [InlineData("2001-03-31T00:30-0530")]
    [InlineData("2000-02-29")]
    [InlineData("1969-12-31T23:59:59.999999")]
    [InlineData("0001-01-01T00:00:00")]
    [InlineData("9999-12-31T23:59:59.999999")]
    public void Iso_8601_is_read_as_dotnet_reads_it(string text)
    {
        var expected = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime;
        Assert.True(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out var microseconds));
        Assert.Equal(Timestamps.FromDateTime(expected), microseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1970")]
    [InlineData("1970-1-1")]
    [InlineData("2001-02-29")]
    [InlineData("2001-13-01")]
    [InlineData("0000-01-01")]
    [InlineData("2001-01-01T24:00")]
    [InlineData("2001-01-01T10")]
    [InlineData("2001-01-01T10:00:60")]
    [InlineData("2001-01-01T10:00:00.")]
    [InlineData("2001-01-01T10:00:00.5x")]
    [InlineData("2001-01-01T10:00+25")]
    [InlineData("2001-01-01T10:00+2")]
    [InlineData("2001-01-01T10:00+02-30")]
    [InlineData("2001-01-01x10:00")]
    [InlineData("0001-01-01T00:00+01:00")]
    [InlineData("01/02/2001")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    public void Other_text_is_no_timestamp(string text) =>
        Assert.False(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void What_is_written_reads_back()
    {
        var random = new Random(7);
        for (var round = 0; round < 10_000; round++)
        {
            var value = random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue) / (round % 2 == 0 ? 1
                : Timestamps.MicrosecondsPerDay);
            Assert.True(TimestampText.TryParse(Encoding.UTF8.GetBytes(TimestampText.Format(value)), out var back));
            Assert.Equal(value, back);
        }
    }

    [Fact]
    public void The_calendar_is_that_of_DateTime()
    {
        var random = new Random(8);
        for (var round = 0; round < 10_000; round++)
        {
            var time = new DateTime(random.NextInt64(DateTime.MaxValue.Ticks) / 10 * 10);
            Assert.True(
                TimestampText.TryParse(Encoding.UTF8.GetBytes(time.ToString("yyyy-MM-dd HH:mm:ss.ffffff")),
                out var microseconds));
            Assert.Equal(Timestamps.FromDateTime(time), microseconds);
        }
    }
}

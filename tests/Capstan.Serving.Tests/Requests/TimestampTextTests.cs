using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Serving.Tests.Requests;

public sealed class TimestampTextTests
{
    // The expected value is .NET's own reading of the same text.
    [Theory]
    [InlineData("2001-03-31")]
    [InlineData("2001-03-31T23:59")]
    [InlineData("2001-03-31 23:59:30")]
    [InlineData("2001-03-31T23:59:30.25")]
    [InlineData("2001-03-31T23:59:30.123456")]
    [InlineData("2001-03-31T23:59:30Z")]
    [InlineData("2001-03-31T23:59:30.5+02:00")]
    [InlineData("2001-03-31T00:30-0530")]
    [InlineData("2001-03-31T00:30+02")]
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

    [Fact]
    public void Digits_beyond_the_microsecond_are_cut_off()
    {
        Assert.True(TimestampText.TryParse("1970-01-01T00:00:00.123456999"u8, out var microseconds));
        Assert.Equal(123456, microseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2001")]
    [InlineData("2001-3-31")]
    [InlineData("2001-13-01")]
    [InlineData("2001-02-29")]
    [InlineData("2001-00-10")]
    [InlineData("0000-01-01")]
    [InlineData("31.03.2001")]
    [InlineData("2001-03-31T")]
    [InlineData("2001-03-31T24:00")]
    [InlineData("2001-03-31T23:60")]
    [InlineData("2001-03-31T23:59:60")]
    [InlineData("2001-03-31T23:59:30.")]
    [InlineData("2001-03-31T23:59:30Zulu")]
    [InlineData("2001-03-31T23:59:30+2")]
    [InlineData("2001-03-31T23:59:30+02:60")]
    [InlineData("2001-03-31T23:59:30 CET")]
    [InlineData("0001-01-01T00:00+01:00")]
    [InlineData("9999-12-31T23:59-01:00")]
    public void Other_text_and_impossible_times_are_not_timestamps(string text) =>
        Assert.False(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Formatting_and_parsing_give_the_timestamp_back()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var expected = random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue);
            Assert.True(TimestampText.TryParse(TimestampText.Format(expected), out var read));
            Assert.Equal(expected, read);
        }
    }
}

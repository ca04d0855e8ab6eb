using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Data.Tests.Text;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-12", -12)]
    [InlineData("+7", 7)]
    [InlineData("007", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Integers_are_read(string text, long expected)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("1,000")]
    [InlineData("9223372036854775808")]
    [InlineData("12a")]
    public void What_is_no_integer_is_refused_not_rounded(string text) =>
        Assert.False(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out long _));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("-.")]
    [InlineData("1.2.3")]
    [InlineData("1,5")]
    [InlineData("0x1F")]
    [InlineData("1e")]
    [InlineData("abc")]
    [InlineData("3f")]
    public void What_is_no_number_is_refused(string text) =>
        Assert.False(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double _));

    [Theory]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("-inf")]
    [InlineData("+Infinity")]
    [InlineData("1e999")]
    public void Words_and_overflow_are_not_finite(string text)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.False(double.IsFinite(value));
    }

    [Fact]
    public void Numbers_are_the_nearest_doubles_as_the_runtime_finds_them()
    {
        var random = new Random(9);
        for (var round = 0; round < 200_000; round++)
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)('0' + random.Next(10))));
            var text = (random.Next(2) == 0 ? "-" : "") +
                (random.Next(4) == 0 ? digits : digits.Insert(random.Next(digits.Length + 1), "."));
            text += random.Next(5) == 0 ? $"e{random.Next(-330, 310)}" : "";
            Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value), text);
            Assert.True(
                BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(
                    double.Parse(text, CultureInfo.InvariantCulture)), text);
        }
    }

    /// <summary>All powers of two, at which the doubles below lie closer than those above, and their neighbours.</summary>
    [Fact]
    public void Every_text_reads_back_as_the_same_double()
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var power in Enumerable.Range(-1074, 2098).Select(exponent => Math.ScaleB(1, exponent)))
        {
            foreach (var value in new[] { power, -power, Math.BitIncrement(power), Math.BitDecrement(power) }.Where(double.IsFinite))
            {
                Assert.Equal(value, double.Parse(NumberText.Of(value), CultureInfo.InvariantCulture));
                buffer.ResetWrittenCount();
                using (var json = new Utf8JsonWriter(buffer))
                {
                    NumberText.WriteTo(json, value);
                }

                Assert.Equal(value, JsonSerializer.Deserialize<double>(buffer.WrittenSpan));
            }
        }

        Assert.Equal("0.1", NumberText.Of(0.1));
        Assert.Equal("2.9802322387695312E-08", NumberText.Of(Math.ScaleB(1, -25)));
    }
}

using System.Text;

namespace Capstan.Data.Tests.Text;

/// <summary>Numbers read word by word are those of the reference, to the bit, and whatever follows them.</summary>
public sealed class DigitWordsLaws
{
    static readonly string[] Edges =
    [
        "", "-", ".", "-.", "0", "-0", "0.", ".0", "-.0", "-0.0", "+1", "1.", ".5", "1..2", "1.2.3", "--1", "1-", "1 ", " 1", "1e5", "1E-3",
        "12345678", "1234567.", ".1234567", "1234.567", "123456789", "12345678.9", "1234567.89", "123456789012345", "1234567890123456",
        "123456789012.345", "1234567890.12345", ".123456789012345", "123456789012345.", "-123456789012.345", "9007199254740993",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "999999999999999", "0.30000000000000004", "00000000.1",
        "inf", "-Infinity", "nan", "1:2", "1/2", "1,2", "/", ":", "0x1F", "١", "1\0", "\0", "1\n", "99999999", "100000000", "1234567x",
    ];

    [Fact]
    public void Edges_are_read_alike()
    {
        foreach (var text in Edges)
        {
            foreach (var rest in (string[])["", ",", ".", "1", "0.5,1.25,3.125,77", "99999999999999999999", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"])
            {
                AssertAlike(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(rest));
            }
        }
    }

    [Theory]
    [InlineData(1, "0123456789.-")]
    [InlineData(2, "0123456789")]
    [InlineData(3, "00000.")]
    [InlineData(4, "/0123456789:.;-+e \u00ff")]
    public void Random_texts_are_read_alike(int seed, string characters)
    {
        var random = new Random(seed);
        for (var round = 0; round < 30_000; round++)
        {
            AssertAlike(Text(random, characters, random.Next(21)), Text(random, characters, random.Next(30)));
        }
    }

    [Fact]
    public void Random_numbers_are_read_alike()
    {
        var random = new Random(5);
        for (var round = 0; round < 30_000; round++)
        {
            var number = Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(12)), random.Next(8));
            var text = FormattableString.Invariant($"{number}");
            AssertAlike(Encoding.UTF8.GetBytes(text), ",12345678901234567890"u8.ToArray());
            Assert.True(DigitWords.TryParse(Encoding.UTF8.GetBytes($"{text},                 "), text.Length, out double read));
            Assert.Equal(number, read);
        }
    }

    static byte[] Text(Random random, string characters, int length) =>
        Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, length).Select(_ => characters[random.Next(characters.Length)])));

    static void AssertAlike(byte[] text, byte[] rest)
    {
        byte[] whole = [.. text, .. rest];
        var isNumber = NumberText.TryParse(text, out double number);
        var isInteger = NumberText.TryParse(text, out long integer);
        Assert.True(
            (isNumber, BitConverter.DoubleToInt64Bits(number), isInteger, integer) == (
                DigitWords.TryParse(whole, text.Length, out double readNumber), BitConverter.DoubleToInt64Bits(readNumber),
                DigitWords.TryParse(whole, text.Length, out long readInteger), readInteger),
            $"'{Encoding.Latin1.GetString(text)}' before '{Encoding.Latin1.GetString(rest)}'");
    }
}

using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Features.Tests.Onnx;

/// <summary>What the export makes of characters and of digits, in ONNX Runtime against the engine: all characters, and numbers of every form.</summary>
public sealed class OnnxTextTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("hash(lower(w), 2147483646)")]
    [InlineData("hash(upper(w), 2147483646)")]
    [InlineData("hash(trim(w), 2147483646)")]
    [InlineData("hash(join(words(w), ','), 2147483646)")]
    [InlineData("hash(replace(w, '\u212a', 'K'), 2147483646)")]
    public void Every_code_point_is_the_engines(string expression)
    {
        // Neighbours in one text, and each between spaces.
        var texts = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value).ToString()).Chunk(64)
            .SelectMany(points => new object?[] { string.Concat(points), string.Join(' ', points) });
        var rows = Rows.Of(Rows.Texts("w", [.. texts]));
        var transform = new FrozenTransform(rows.Schema, [("f", ExprParser.Parse(expression))]);
        using var model = new OnnxModel(OnnxTransform.Export(transform));
        Assert.Equal(Rows.Apply(transform, rows).Select(Convert.ToInt64), (long[])model.Run(rows)["feature.f"]);
    }

    [Fact]
    public void Numbers_in_texts_are_the_engines_to_the_bit()
    {
        var random = new Random(11);
        string[] edges =
        [
            "", " ", "1", "-1", "+1", "--1", "1 2", " 12.50 ", "\t\n1\r", "\u00a01", "1\0", "1\0\0", "1\0 ", "1 \0", ".5", "5.", ".", "-.5e1", "1e", "1e+", "1e5", "1E-5",
            "1e 5", "1_000", "1,000", "0x10", "nan", "NaN", "inf", "Infinity", "-Infinity", "∞", "१", "−1", "1e999", "-1e999", "1e-999", "0e999999999999999",
            "1e99999999999999999999", "1e-99999999999999999999", "00000000000000000000000000000000001", "1e0000000000000000000000000000000000005", "-0", "-0.0",
            "0.1", "0.3", "2.5e-1", "9007199254740993", "9007199254740992.9999999999999999999", "179769313486231570000000000000000000000", "9.999999999999999e307",
            "0." + new string('0', 400) + "1e401", "1" + new string('0', 400) + "e-400", new string('9', 1200) + "e-1200", "1e-307", "1.0000000000000001e-307", "123 abc",
        ];
        var texts = edges.Concat(Enumerable.Range(0, 20_000).Select(_ => TextOf(random))).Append(null).ToArray();
        var rows = Rows.Of(Rows.Texts("w", [.. texts]));
        var expr = ExprParser.Parse("number(w)");
        var frozen = new FrozenExpression(rows.Schema, expr);
        var expected = new double[rows.RowCount];
        frozen.Apply(rows, expected, frozen.CreateWorkspace());
        using var model = OnnxValues.Of(rows.Schema, [expr]);
        var found = (double[])model.Run(rows)["value.0"];
        for (var row = 0; row < found.Length; row++)
        {
            Assert.True(expected[row].Equals(found[row]), $"'{texts[row]}': engine {expected[row]:R}, ONNX {found[row]:R}");
        }

        output.WriteLine($"ONNX: {found.Length:N0} texts, {expected.Count(double.IsFinite):N0} of them numbers, equal to the bit.");
    }

    [Theory]
    [InlineData("1.7976931348623157e308", double.NaN)]
    [InlineData("-1e308", double.NaN)]
    [InlineData("5e-324", 0)]
    [InlineData("-9.99e-308", 0)]
    public void Beyond_the_magnitudes_that_ONNX_reads_numbers_are_missing_or_zero(string text, double expected)
    {
        var rows = Rows.Of(Rows.Texts("w", text));
        using var model = OnnxValues.Of(rows.Schema, [ExprParser.Parse("number(w)")]);
        Assert.Equal([expected], (double[])model.Run(rows)["value.0"]);
    }

    /// <summary>Mostly a number, from −10³⁰⁷ to 10³⁰⁷, in one of the ways to write it; sometimes with a character too many.</summary>
    static string TextOf(Random random)
    {
        var text = new StringBuilder(random.Next(4) == 0 ? " " : "");
        text.Append(random.Next(5) switch { 0 => "-", 1 => "+", _ => "" });
        var (whole, decimals) = (random.Next(0, 22), random.Next(0, 22));
        text.Append(Digits(random, whole)).Append(decimals > 0 ? "." : "").Append(Digits(random, decimals));
        if (random.Next(2) == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(random.Next(2) == 0 ? 'e' : 'E')}{random.Next(-280, 280)}");
        }

        if (random.Next(10) == 0)
        {
            text.Insert(random.Next(text.Length + 1), (char)random.Next(32, 127));
        }

        return text.ToString();
    }

    static string Digits(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(10)));
}

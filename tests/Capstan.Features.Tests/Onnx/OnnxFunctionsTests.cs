using Capstan.Data;

namespace Capstan.Features.Tests.Onnx;

/// <summary>Functions in ONNX Runtime against the engine: to the bit, or within the stated number of units in the last place.</summary>
public sealed class OnnxFunctionsTests
{
    static readonly object?[] Numbers =
    [
        null, 0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 1e300, -1e300, double.Epsilon, -double.Epsilon, 1.0, 10.0, 1000.0, 1e22, 1e-5, 7.0, -3.25, 4503599627370497.5,
        .. Enumerable.Range(-60, 121).SelectMany(power => new object?[] { Math.Pow(1.7, power), -Math.Pow(1.3, power) }),
    ];

    static readonly object?[] Words =
    [
        null, "", "a", "b", ",", "a,b,,c", "ab,", "é,日本語", "𝄞", " x y ", "\u2003 wide\u00a0\u3000", "\t\n", "it's (a+b)*[c]", "a\nb\0c", "日本語日本語", "xa", "ax",
        new string('z', 99), new string('é', 100), new string('本', 250) + "𝄞a",
    ];

    [Theory]
    [InlineData("round(x)")]
    [InlineData("sign(x)")]
    [InlineData("power(x, 2) == x * x")]
    [InlineData("floor(log10(power(10, floor(y))))")]
    [InlineData("power(x / x + x - x, 0)")]
    public void Functions_of_numbers_are_exact(string expression) => AssertSame(expression, NumberRows());

    [Theory]
    [InlineData("power(x, y)", 4)]
    [InlineData("power(x, 3)", 4)]
    [InlineData("log10(x)", 4)]
    [InlineData("tanh(x)", 8)]
    [InlineData("atan2(x, y)", 4)]
    [InlineData("atan2(y, -x)", 4)]
    [InlineData("atan2(x, 0)", 4)]
    [InlineData("atan2(0, x)", 4)]
    public void Other_functions_of_numbers_are_close(string expression, long mostUnits) =>
        Assert.InRange(LargestDifference(expression, NumberRows()), 0, mostUnits);

    [Fact]
    public void Distances_agree_in_twelve_digits()
    {
        var (expected, found) = Both("haversine(a, b, c, d)", Places());
        AssertWithin(expected, found, (row, distance) => distance * 1e-12);
    }

    [Fact]
    public void Bearings_agree_the_better_the_farther_apart_the_places_are()
    {
        var rows = Places();
        var (expected, found) = Both("bearing(a, b, c, d)", rows);
        var (distances, _) = Both("haversine(a, b, c, d)", rows);
        AssertWithin(expected, found, (row, _) => 1e-12 / Math.Abs(Math.Sin(distances[row] / Geodesy.MeanRadius)));
    }

    static ColumnBatch Places()
    {
        var random = new Random(5);
        object?[] Column(double largest, params object?[] edges) =>
            [.. edges, .. Enumerable.Range(0, 20_000).Select(_ => (object?)(random.NextDouble() * 2 * largest - largest))];
        return Rows.Of(
            Rows.Numbers("a", Column(90, null, 0, 52.52, 52.52, 90, 91, 10, 45)), Rows.Numbers("b", Column(180, 0, 0, 13.405, 13.405, 0, 0, 20, 0)),
            Rows.Numbers("c", Column(90, 0, 0, 52.52, 52.5200001, -80, 0, null, 45)), Rows.Numbers("d", Column(180, 0, 0, 13.405, 13.4050001, 0, 0, 20, 1e6)));
    }

    static void AssertWithin(double[] expected, double[] found, Func<int, double, double> most)
    {
        for (var row = 0; row < expected.Length; row++)
        {
            var differs = Math.Abs(expected[row] - found[row]) > most(row, expected[row]) || double.IsNaN(expected[row]) != double.IsNaN(found[row]);
            Assert.False(differs, $"row {row}: engine {expected[row]:R}, ONNX {found[row]:R}");
        }
    }

    [Fact]
    public void Opposite_places_are_two_hundred_metres_apart_at_most()
    {
        var rows = Rows.Of(Rows.Numbers("a", [.. Enumerable.Range(-89, 179).Select(degrees => (object?)(degrees + 1e-9))]), Rows.Numbers("b", [.. Enumerable.Range(-89, 179).Select(degrees => (object?)(degrees * 1.1))]));
        var (expected, found) = Both("haversine(a, b, -a, b + 180)", rows);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second - pair.First, -0.2, 0.2));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Asia/Kathmandu")]
    public void Zones_show_the_engines_clocks_around_every_change(string zone)
    {
        var offsets = ZoneOffsets.OfSystem(zone);
        var random = new Random(1);
        var builder = new BatchBuilder(new Schema([new Field("d", DataType.Timestamp)]));
        long[] edges = [long.MaxValue, long.MinValue + 1, Timestamps.MinValue, Timestamps.MaxValue, 0];
        foreach (var time in edges.Concat(offsets.Starts.SelectMany(start => new[] { start - 1, start, start + 1 })))
        {
            builder.Columns[0].Append(time);
        }

        for (var row = 0; row < 500; row++)
        {
            builder.Columns[0].Append(random.NextInt64(-5_000_000_000_000_000, 5_000_000_000_000_000));
        }

        builder.Columns[0].AppendMissing();
        AssertSame($"epoch_seconds(in_zone(d, '{zone}'))", builder.Batch);
        AssertSame($"hour(in_zone(in_zone(d, '{zone}'), 'America/Sao_Paulo'))", builder.Batch);
    }

    [Theory]
    [InlineData("seconds_between(d, e)")]
    [InlineData("seconds_between(d, timestamp('2001-06-30T17:45:00.25Z'))")]
    [InlineData("d < date('2000-01-01') or is_missing(impute(e, date('2000-01-01')))")]
    [InlineData("hour(if(d > e, date('2000-01-01'), e))")]
    public void Times_are_exact(string expression) => AssertSame(expression, Rows.Of(
        Rows.Times("d", "2001-06-30 23:59:59.123456", null, "0001-01-01", "9999-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"),
        Rows.Times("e", "1900-01-01", "2000-02-29", "9999-12-31 23:59:59.999999", null, "1970-01-01")));

    [Theory]
    [InlineData("length(w)")]
    [InlineData("length(trim(w))")]
    [InlineData("contains(w, 'b')")]
    [InlineData("contains(w, '日本')")]
    [InlineData("contains(w, '(a+b)*[c]')")]
    [InlineData("contains(w, '')")]
    [InlineData("contains(w, 'a\\nb')")]
    [InlineData("starts_with(w, 'a')")]
    [InlineData("starts_with(w, '𝄞𝄞')")]
    [InlineData("ends_with(w, ',')")]
    [InlineData("ends_with(w, '語')")]
    [InlineData("length(substring(w, 1, 3))")]
    [InlineData("length(substring(w, 100, 1000))")]
    [InlineData("index_of(w, 'b')")]
    [InlineData("index_of(w, '')")]
    [InlineData("occurrences(w, '日本')")]
    [InlineData("occurrences(w, ',')")]
    [InlineData("occurrences(w, '')")]
    [InlineData("count(words(w))")]
    [InlineData("count(distinct(characters(w)))")]
    [InlineData("count(split(w, ''))")]
    [InlineData("includes(split(w, ','), 'b')")]
    [InlineData("includes(split('a,ax', ','), w)")]
    [InlineData("starts_with(w, substring(w, 0, length(w) % 3))")]
    [InlineData("ends_with(w, substring(w, 1, 1))")]
    [InlineData("regex_matches(w, '^[a-z]+$')")]
    [InlineData("regex_matches(w, '(?i)B|x y')")]
    [InlineData("regex_matches(w, 'a.*b')")]
    [InlineData("regex_matches(w, '^[^,]+$')")]
    [InlineData("number(w)")]
    public void Functions_of_text_give_numbers(string expression) => AssertSame(expression, Rows.Of(Rows.Texts("w", Words)));

    [Theory]
    [InlineData("trim(w)")]
    [InlineData("substring(w, 0, 1)")]
    [InlineData("substring(w, 1, 2)")]
    [InlineData("substring(w, -1.5, 2.5)")]
    [InlineData("substring(w, 2, 1e10)")]
    [InlineData("substring(w, 0, 0)")]
    [InlineData("substring(w, 1000, 1000)")]
    [InlineData("concat(w, '-', v, w)")]
    [InlineData("split_part(w, ',', 0)")]
    [InlineData("split_part(w, ',', 1)")]
    [InlineData("split_part(w, ',', 2.9)")]
    [InlineData("split_part(w, ',', 1e12)")]
    [InlineData("split_part(w, '本語', 1)")]
    [InlineData("split_part(w, '', 0)")]
    [InlineData("split_part(w, '', 1)")]
    [InlineData("split_part(w, ',', -1)")]
    [InlineData("concat(trim(w), text(n), text(day(d)), text(1 / 2), lower('ABC'))")]
    [InlineData("if(n > 3, trim(w), impute(split_part(w, 'a', 1), 'none'))")]
    [InlineData("lower(w)")]
    [InlineData("upper(w)")]
    [InlineData("lower(upper(concat(w, v)))")]
    [InlineData("replace(w, ',', '')")]
    [InlineData("replace(w, 'a', w)")]
    [InlineData("replace(w, '本語', v)")]
    [InlineData("replace('xaxa', 'a', v)")]
    [InlineData("substring(w, n / 77, 3)")]
    [InlineData("substring(w, 0, n)")]
    [InlineData("substring(w, 1, 100000)")]
    [InlineData("split_part(w, ',', n % 4)")]
    [InlineData("split_part(w, '', n % 2)")]
    [InlineData("pad_left(w, 7, '本')")]
    [InlineData("pad_left(w, min(n, 100), '0')")]
    [InlineData("join(words(w), v)")]
    [InlineData("join(ngrams(characters(w), 2, 3, '-'), '|')")]
    [InlineData("join(distinct(ngrams(split(w, ','), 1, 2)), '|')")]
    [InlineData("join(ngrams(ngrams(characters(v), 1, 2), 2, 2, ''), ',')")]
    [InlineData("item(words(v), n % 3)")]
    [InlineData("item(split('a,b,c', ','), n % 5)")]
    [InlineData("join(if(n > 3, split(w, ','), distinct(characters(v))), '/')")]
    [InlineData("join(impute(split(w, text(1 / 0)), split('a b', ' ')), v)")]
    [InlineData("grid(clip(n / 7, -90, 90), clip(n / 3, -180, 180), 10)")]
    public void Functions_of_text_give_texts(string expression)
    {
        var rows = Rows.Of(
            Rows.Texts("w", Words), Rows.Texts("v", [.. Words.Reverse()]),
            Rows.Integers("n", [.. Enumerable.Range(0, Words.Length).Select(n => n == 3 ? null : (object?)(n * 77 - 500))]),
            Rows.Times("d", [.. Words.Select((_, day) => $"2001-02-{day + 1:00}")]));
        // A hash of 31 bits tells texts apart, and 2³¹ − 2 those that are missing.
        AssertSame($"hash({expression}, 2147483646)", rows, floats: false);
        AssertSame($"is_missing({expression})", rows);
    }

    [Theory]
    [InlineData("trim(w) == 'x'")]
    [InlineData("length(w) + contains(w, 'a')")]
    [InlineData("split_part(w, ',', 1) == substring(w, 1, 2)")]
    public void Functions_of_text_take_no_rows(string expression)
    {
        var rows = Rows.Of(Rows.Texts("w"));
        Assert.Empty(Both(expression, rows).Found);
    }

    [Theory]
    [InlineData("contains(w, v)", "constant part")]
    [InlineData("split_part(w, v, 1)", "constant separator")]
    [InlineData("replace(w, v, 'b')", "constant part to replace")]
    [InlineData("pad_left(w, n, '0')", "1,000 characters")]
    [InlineData("regex_extract(w, '[0-9]+', 0)", "longest")]
    [InlineData("regex_replace(w, 'a', 'b')", "longest")]
    [InlineData("normalize(w)", "normal forms")]
    [InlineData("strip_accents(w)", "normal forms")]
    [InlineData("text(n / 2)", "shortest decimal form")]
    public void Texts_that_ONNX_can_not_make_are_refused_by_name(string expression, string why)
    {
        var schema = Rows.Of(Rows.Texts("w"), Rows.Texts("v"), Rows.Integers("n")).Schema;
        var feature = expression.StartsWith("contains", StringComparison.Ordinal) ? expression : $"{expression} == 'x'";
        var refusal = Assert.Throws<OnnxNotSupportedException>(
            () => OnnxTransform.Export(new FrozenTransform(schema, [("f", ExprParser.Parse(feature))])));
        Assert.Equal(ExprParser.Parse(expression).ToString(), refusal.What);
        Assert.Contains(why, refusal.Why, StringComparison.Ordinal);
    }

    static ColumnBatch NumberRows() => Rows.Of(
        Rows.Numbers("x", Numbers), Rows.Numbers("y", [.. Numbers.Select((_, index) => Numbers[index * 7 % Numbers.Length])]));

    static void AssertSame(string expression, ColumnBatch rows, bool floats = true)
    {
        if (floats)
        {
            var (expected, found) = Both(expression, rows);
            // Two doubles of the same bits, or two missing ones: −0 occurs in neither.
            Assert.Equal(expected, found);
            Assert.DoesNotContain(found, value => double.IsNegative(value) && value == 0);
        }

        var transform = new FrozenTransform(rows.Schema, [("f", ExprParser.Parse(expression))]);
        using var model = new OnnxModel(OnnxTransform.Export(transform));
        Assert.Equal(Rows.Apply(transform, rows).Select(Convert.ToDouble), model.Run(rows)["feature.f"].Cast<object>().Select(Convert.ToDouble));
    }

    /// <summary>In units in the last place; missing values must agree.</summary>
    static long LargestDifference(string expression, ColumnBatch rows)
    {
        var (expected, found) = Both(expression, rows);
        return expected.Zip(found, UnitsInTheLastPlace.Between).Max();
    }

    static (double[] Expected, double[] Found) Both(string expression, ColumnBatch rows)
    {
        var expr = ExprParser.Parse(expression);
        var frozen = new FrozenExpression(rows.Schema, expr);
        var expected = new double[rows.RowCount];
        frozen.Apply(rows, expected, frozen.CreateWorkspace());
        using var model = OnnxValues.Of(rows.Schema, [expr]);
        return (expected, (double[])model.Run(rows)["value.0"]);
    }
}

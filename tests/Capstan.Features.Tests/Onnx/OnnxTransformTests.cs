using Capstan.Data;

namespace Capstan.Features.Tests.Onnx;

public sealed class OnnxTransformTests
{
    static readonly double[] Spread = [.. Enumerable.Range(-60, 121).SelectMany(power => new[] { Math.Pow(1.7, power), -Math.Pow(1.3, power) })];

    [Fact]
    public void There_is_one_input_for_each_column_and_a_flag_where_the_type_has_no_missing_value()
    {
        var rows = Rows.Of(
            Rows.Numbers("x", 1), Rows.Integers("n", 2), Rows.Truths("b", true), Rows.Texts("t", "a"), Rows.Times("d", "2001-02-03"));
        using var model = Export(rows.Schema, "x + n + b", "hash(t, 5)", "day(d)");
        Assert.Equal(["x", "n", "b", "t", "d"], model.Inputs);
        Assert.Equal(["b_missing", "n_missing", "t_missing"], model.Optional.Order(StringComparer.Ordinal));
        Assert.Equal(["feature.f0", "feature.f2", "feature.f1"], model.Outputs);
    }

    [Fact]
    public void Without_flags_nothing_is_missing_and_the_number_of_rows_is_kept()
    {
        var rows = Rows.Of(Rows.Integers("n", 2, 3, 5), Rows.Texts("t", "", "a", "b"), Rows.Truths("b", true, false, true));
        using var model = Export(rows.Schema, "is_missing(t)", "is_missing(n) or b", "vocabulary(t, ['a', ''])");
        var found = model.Run(rows, flags: false);
        Assert.Equal([0f, 0f, 0f], (float[])found["feature.f0"]);
        Assert.Equal([1f, 0f, 1f], (float[])found["feature.f1"]);
        Assert.Equal([1L, 0L, 2L], (long[])found["feature.f2"]);
    }

    [Fact]
    public void What_stands_in_the_place_of_a_missing_value_is_not_looked_at()
    {
        var rows = Rows.Of(
            Rows.Numbers("x", null, double.NaN, double.PositiveInfinity), Rows.Integers("n", null, 7, null), Rows.Texts("t", null, null, "a"),
            Rows.Truths("b", null, null, true), Rows.Times("d", null, "1970-01-01", null));
        using var model = Export(
            rows.Schema, "impute(x, -5)", "impute(n, -5)", "impute(b, is_missing(d))", "impute(hour(d), -5)", "hash(t, 10)", "hash(n, 10)", "t == 'a'");
        var found = model.Run(rows);
        Assert.Equal([-5f, -5f, -5f], (float[])found["feature.f0"]);
        Assert.Equal([-5f, 7f, -5f], (float[])found["feature.f1"]);
        Assert.Equal([1f, 0f, 1f], (float[])found["feature.f2"]);
        Assert.Equal([-5f, 0f, -5f], (float[])found["feature.f3"]);
        Assert.Equal([10L, 10L], ((long[])found["feature.f4"])[..2]);
        Assert.Equal((long[])[10, MurmurHash3.Hash32("7"u8, 0) % 10, 10], (long[])found["feature.f5"]);
        Assert.Equal([0f, 0f, 1f], (float[])found["feature.f6"]);
    }

    [Fact]
    public void No_rows_give_no_features()
    {
        var rows = Rows.Of(Rows.Numbers("x"), Rows.Texts("t"));
        using var model = Export(rows.Schema, "x + 1", "hash(t, 3)");
        var found = model.Run(rows);
        Assert.Empty((float[])found["feature.f0"]);
        Assert.Empty((long[])found["feature.f1"]);
    }

    [Fact]
    public void Columns_keep_their_names_and_flags_and_outputs_make_way()
    {
        var rows = Rows.Of(Rows.Texts("t", "a"), Rows.Truths("t_missing", true), Rows.Numbers("feature.f0", 3));
        using var model = Export(rows.Schema, "t_missing + `feature.f0`", "hash(t, 4)");
        Assert.Equal(["feature.f0", "t", "t_missing"], model.Inputs.Order(StringComparer.Ordinal));
        Assert.Contains("t_missing_", model.Optional);
        Assert.Contains("feature.f0_", model.Outputs);
    }

    [Theory]
    [InlineData("year")]
    [InlineData("month")]
    [InlineData("day")]
    [InlineData("hour")]
    [InlineData("minute")]
    [InlineData("second")]
    [InlineData("weekday")]
    [InlineData("day_of_year")]
    [InlineData("epoch_seconds")]
    public void Time_parts_equal_the_engines_over_the_whole_range_of_64_bits(string part)
    {
        var random = new Random(3);
        var builder = new BatchBuilder(new Schema([new Field("d", DataType.Timestamp)]));
        long[] edges = [long.MinValue + 1, long.MaxValue, -1, 0, 1, -86_400_000_000, 951_782_399_999_999, 951_868_800_000_000];
        foreach (var time in edges.Concat(Enumerable.Range(0, 5000).Select(_ => random.NextInt64(long.MinValue + 1, long.MaxValue))))
        {
            builder.Columns[0].Append(time);
        }

        AssertEqual($"{part}(d)", builder.Batch);
    }

    [Theory]
    [InlineData("hash(n, 1000, seed: 7)")]
    [InlineData("vocabulary(n, ['9223372036854775807', '-9223372036854775808', '9007199254740993'], unknown_buckets: 5)")]
    [InlineData("n + 0")]
    [InlineData("vocabulary(n * 0.5, ['0.5', '1E+20', '4503599627370496', '-0', 'x'])")]
    public void Integers_keep_all_their_digits(string expression)
    {
        var rows = Rows.Of(Rows.Integers(
            "n", long.MaxValue, long.MinValue, 9007199254740993, 9007199254740992, 0, 1, -1, null, -9007199254740993, 123456789012345678));
        AssertEqual(expression, rows);
    }

    [Theory]
    [InlineData("(1.00000001 * x - x) * 1e8")]
    [InlineData("(x / 1.00000001 - x) * 1e8")]
    [InlineData("(x - 1e-60) * 1e60")]
    [InlineData("(1e-60 + x) * 1e60")]
    [InlineData("(1e-60 - x) * 1e60")]
    [InlineData("(min(x, 1e-60) + 1e-60) * 1e60")]
    [InlineData("(x % 1.00000001) * 1e8")]
    [InlineData("(x * (0.5 + 0.50000001) - x) * 1e8")]
    [InlineData("log1p(1.00000001) * (1 / 3) * x * sin(2)")]
    public void Constants_that_are_0_or_1_in_single_precision_only_are_kept(string expression) =>
        AssertEqual(expression, Rows.Of(Rows.Numbers("x", 0, 1, 3e-60, -1e-60, 2.5, -7, null, 1e20)));

    [Fact]
    public void A_cross_that_passes_64_bits_hashes_its_key_on_the_way()
    {
        var rows = Rows.Of(Rows.Texts("a", "x", "日本語", null, "", "y"), Rows.Texts("b", "x", "𝄞", "q", null, "y"), Rows.Texts("c", "1", "2", "3", "4", null));
        AssertEqual("cross(a, b, c, 100000)", rows);
        AssertEqual("cross(vocabulary(a, ['x']), vocabulary(b, ['y']), 9)", rows);
    }

    [Theory]
    [InlineData("log(x)")]
    [InlineData("log1p(x)")]
    [InlineData("exp(x)")]
    [InlineData("sin(x)")]
    [InlineData("cos(x)")]
    public void Transcendental_functions_differ_by_two_steps_of_single_precision_at_most(string expression)
    {
        var rows = Rows.Of(Rows.Numbers("x", [.. Spread.Select(x => (object?)x), null, 0.0, -0.0, 1e300, 709.9, -745.2]));
        using var model = Export(rows.Schema, expression);
        var (expected, found) = (Engine(expression, rows), (float[])model.Run(rows)["feature.f0"]);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var steps = Math.Abs((long)BitConverter.SingleToInt32Bits(found[row]) - BitConverter.SingleToInt32Bits((float)expected[row]));
            Assert.True(steps <= 2, $"{expression} at {rows["x"].ValueAt(row)}: engine {expected[row]}, ONNX {found[row]}");
        }
    }

    [Fact]
    public void Transcendental_functions_differ_by_four_units_in_the_last_place_of_double_precision_at_most()
    {
        foreach (var (name, function) in new (string, Func<double, double>)[] { ("log", Math.Log), ("exp", Math.Exp), ("sin", Math.Sin), ("cos", Math.Cos) })
        {
            var values = Spread.Where(x => Math.Abs(x) < 1e5 && double.IsFinite(function(x)) && Math.Abs(function(x)) > 1e-30).ToArray();
            var rows = Rows.Of(
                Rows.Numbers("x", [.. values.Select(x => (object?)x)]), Rows.Numbers("ours", [.. values.Select(x => (object?)function(x))]));
            // A sine is near 0 by cancellation: its distance is counted in units of 1, that of the others in units of the value.
            var distance = name is "sin" or "cos" ? $"{name}(x) - ours" : $"{name}(x) / ours - 1";
            using var model = Export(rows.Schema, $"({distance}) * 4503599627370496", $"is_missing({name}(x))");
            var found = model.Run(rows);
            Assert.All((float[])found["feature.f0"], steps => Assert.InRange(steps, -4, 4));
            Assert.All((float[])found["feature.f1"], missing => Assert.Equal(0, missing));
        }
    }

    [Theory]
    [InlineData("hash(x, 10)", "hash(x, 10)")]
    [InlineData("hash(n + 1, 10)", "hash(n + 1, 10)")]
    [InlineData("cross(bucketize(x, [1]), hash(x / 2, 7), 10)", "hash(x / 2, 7)")]
    [InlineData("vocabulary(x, ['1'], unknown_buckets: 2)", "vocabulary(x, ['1'], unknown_buckets: 2)")]
    public void The_text_of_a_number_that_may_be_a_fraction_is_refused_by_name(string expression, string named)
    {
        var rows = Rows.Of(Rows.Numbers("x", 1), Rows.Integers("n", 2));
        var refusal = Assert.Throws<OnnxNotSupportedException>(() => Export(rows.Schema, expression));
        Assert.Equal(ExprParser.Parse(named).ToString(), refusal.What);
        Assert.Contains("shortest decimal form", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hash(hour(d) * 60 + minute(d), 97)")]
    [InlineData("hash(floor(weekday(d)) % 3, 97)")]
    [InlineData("vocabulary(if(weekday(d) >= 5, -1, month(d)), ['-1', '6', '7'], unknown_buckets: 4)")]
    [InlineData("hash(b, 97)")]
    [InlineData("hash(2.5, 97)")]
    public void The_text_of_a_number_known_to_be_whole_is_exported(string expression)
    {
        var rows = Rows.Of(
            Rows.Times("d", "2001-06-30 23:59:59", "1969-12-27 00:01:00", null, "2024-02-29 12:30:00"), Rows.Truths("b", true, false, null, true));
        AssertEqual(expression, rows);
    }

    [Fact]
    public void A_transform_that_reads_no_column_is_refused()
    {
        var refusal = Assert.Throws<OnnxNotSupportedException>(() => Export(new Schema([]), "1 + 1"));
        Assert.Contains("how many rows", refusal.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_transform_gives_the_same_bytes()
    {
        var transform = Transform(new Schema([new Field("x", DataType.Float64)]), "x / 2", "bucketize(x, [1, 2])");
        Assert.Equal(OnnxTransform.Export(transform), OnnxTransform.Export(transform));
    }

    static void AssertEqual(string expression, ColumnBatch rows)
    {
        using var model = Export(rows.Schema, expression, $"is_missing({rows.Schema.Names.First()})");
        var found = model.Run(rows)["feature.f0"];
        Assert.Equal(Engine(expression, rows), found.Cast<object>().Select(Convert.ToDouble));
    }

    static double[] Engine(string expression, ColumnBatch rows) => [.. Rows.Apply(Transform(rows.Schema, expression), rows).Select(Convert.ToDouble)];

    static OnnxModel Export(Schema schema, params ReadOnlySpan<string> expressions) => new(OnnxTransform.Export(Transform(schema, expressions)));

    static FrozenTransform Transform(Schema schema, params ReadOnlySpan<string> expressions)
    {
        var features = new (string, Expr)[expressions.Length];
        for (var index = 0; index < features.Length; index++)
        {
            features[index] = ($"f{index}", ExprParser.Parse(expressions[index]));
        }

        return new FrozenTransform(schema, [.. features]);
    }

    /// <summary>.NET writes 2⁻²⁵ as its neighbour, whose category it then is.</summary>
    [Fact]
    public void Numbers_that_share_a_text_share_a_category()
    {
        var power = Math.ScaleB(1, -25);
        var rows = Rows.Of(Rows.Numbers("x", power, Math.BitDecrement(power), Math.BitIncrement(power), 0.5));
        var transform = new FrozenTransform(
            rows.Schema, [("f", new VocabularyExpr(new ColumnExpr("x"), new FixedTerms([CategoryText.Of(power), "0.5"], 1)))]);
        using var model = new OnnxModel(OnnxTransform.Export(transform));
        Assert.Equal(Rows.Apply(transform, rows).Select(Convert.ToInt64), (long[])model.Run(rows)["feature.f"]);
        Assert.Equal([0L, 0, 2, 1], (long[])model.Run(rows)["feature.f"]);
    }
}

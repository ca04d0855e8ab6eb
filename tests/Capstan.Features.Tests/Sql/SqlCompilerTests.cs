using System.Globalization;
using Capstan.Data;

namespace Capstan.Features.Tests.Sql;

public sealed class SqlCompilerTests
{
    static readonly ColumnBatch Trips = Rows.Of(
        Rows.Numbers("fare", 1.5, null, double.NaN, 8, -3), Rows.Integers("id", 1, 2, 9007199254740993, null, -5),
        Rows.Texts("it's \"odd\"", "a", "A", "é", null, "x\\y"), Rows.Times("when", "2024-02-29 23:59:59.5", "1969-12-31", null, "2000-01-03", "0001-01-01"));

    [Theory]
    [InlineData("fare / 0")]
    [InlineData("1 / 0 + fare")]
    [InlineData("log(fare)")]
    [InlineData("if(fare > 2, 1, 0)")]
    [InlineData("fare % 0.7")]
    [InlineData("exp(fare * 1000)")]
    [InlineData("weekday(when) * 10 + month(when)")]
    [InlineData("epoch_seconds(when)")]
    [InlineData("vocabulary(`it's \"odd\"`, ['x\\\\y', 'a', 'it\\'s'])")]
    [InlineData("vocabulary(id, ['9007199254740993', '-5', '01'])")]
    [InlineData("vocabulary(fare, ['1.5', '8', '8.0', '-3'])")]
    [InlineData("hash(id, buckets: 1000, seed: 7)")]
    [InlineData("cross(bucketize(fare, [0, 2]), `it's \"odd\"`, buckets: 50)")]
    [InlineData("cross(bucketize(fare, [0, 2]), bucketize(id, [0]), buckets: 50)")]
    [InlineData("bucketize(fare, [])")]
    [InlineData("3 + 4")]
    public void A_feature_in_DuckDb_is_the_references(string text)
    {
        var expr = ExprParser.Parse(text);
        using var table = new DuckDbTable(Trips);
        var found = table.Query(SqlCompiler.Compile(Frozen(text), SqlDialect.DuckDb, "main.rows")).Select(row => row[0]);
        Assert.Equal(Enumerable.Range(0, Trips.RowCount).Select(row => RowReference.Evaluate(expr, Trips, row)), found);
    }

    [Fact]
    public void A_long_vocabulary_is_joined_and_many_boundaries_are_searched_by_halving()
    {
        var rows = Rows.Of(Rows.Integers("row", [.. Enumerable.Range(0, 2000).Select(row => (object)row)]), Rows.Texts("word", [.. Enumerable.Range(0, 2000).Select(row => row % 7 == 0 ? null : $"w{row % 900}")]));
        var terms = string.Join(", ", Enumerable.Range(0, 500).Select(index => $"'w{index * 2}'"));
        var boundaries = string.Join(", ", Enumerable.Range(0, 1000).Select(index => index * 1.5));
        (string Name, Expr Expr)[] features =
        [
            ("row", ExprParser.Parse("row + 0")), ("v", ExprParser.Parse($"vocabulary(word, [{terms}], unknown_buckets: 3)")), ("b", ExprParser.Parse($"bucketize(row, [{boundaries}])")),
        ];
        var sql = SqlCompiler.Compile(new FrozenTransform(rows.Schema, [.. features]), SqlDialect.DuckDb, "rows");
        Assert.Contains("VALUES", sql);
        using var table = new DuckDbTable(rows);
        var found = table.Query(sql).OrderBy(row => (double)row[0]!).ToArray();
        Assert.Equal(rows.RowCount, found.Length);
        for (var row = 0; row < rows.RowCount; row++)
        {
            Assert.Equal(features.Select(feature => RowReference.Evaluate(feature.Expr, rows, row)), found[row]);
        }
    }

    [Fact]
    public void Columns_of_a_table_that_ignores_case_are_compared_by_bytes_all_the_same()
    {
        using var table = new DuckDbTable(Rows.Of(Rows.Integers("id", 1)));
        table.Execute("CREATE TABLE loose (word VARCHAR COLLATE NOCASE)");
        table.Execute("INSERT INTO loose VALUES ('a'), ('A')");
        var transform = new FrozenTransform(new Schema([new Field("word", DataType.Text)]), [("f", ExprParser.Parse("word == 'a'"))]);
        Assert.Equal([1.0, 0.0], table.Query(SqlCompiler.Compile(transform, SqlDialect.DuckDb, "loose")).Select(row => row[0]));
    }

    [Theory]
    [InlineData("length(text(fare))", SqlDialect.Ansi, "which digits")]
    [InlineData("number(`it's \"odd\"`)", SqlDialect.Ansi, "which digits")]
    [InlineData("length(lower(`it's \"odd\"`))", SqlDialect.Ansi, "the case of letters")]
    [InlineData("length(trim(`it's \"odd\"`))", SqlDialect.Ansi, "white space")]
    [InlineData("length(replace(`it's \"odd\"`, 'a', ''))", SqlDialect.Ansi, "replacing")]
    [InlineData("length(split_part(`it's \"odd\"`, ',', 0))", SqlDialect.Ansi, "splitting")]
    [InlineData("atan2(fare, fare)", SqlDialect.Ansi, "atan2")]
    [InlineData("haversine(fare, fare, fare, fare)", SqlDialect.Ansi, "atan2")]
    [InlineData("seconds_between(when, when)", SqlDialect.Ansi, "seconds of a time")]
    [InlineData("hash(id, buckets: 9)", SqlDialect.Ansi, "MurmurHash3")]
    [InlineData("cross(hash(id, buckets: 9), bucketize(fare, [1]), buckets: 2)", SqlDialect.Ansi, "MurmurHash3")]
    [InlineData("weekday(when)", SqlDialect.Ansi, "Weekday")]
    public void What_a_dialect_lacks_is_refused_by_name(string text, SqlDialect dialect, string why)
    {
        var refusal = Assert.Throws<SqlNotSupportedException>(() => SqlCompiler.Compile(Frozen(text), dialect, "rows"));
        Assert.Equal(dialect, refusal.Dialect);
        Assert.Contains(why, refusal.Message);
        Assert.Contains(refusal.Expression.ToString(), refusal.Message);
    }

    [Fact]
    public void A_text_with_a_zero_character_is_refused() => Assert.Throws<SqlNotSupportedException>(() => SqlCompiler.Compile(
        new FrozenTransform(Trips.Schema, [("f", new BinaryExpr(BinaryOperator.Equal, Expressions.Col("it's \"odd\""), Expressions.Text("a\0")))]), SqlDialect.DuckDb, "rows"));

    [Theory]
    [InlineData("length(substring(`it's \"odd\"`, 1, 2))", "SUBSTRING(")]
    [InlineData("ends_with(concat(`it's \"odd\"`, 'x'), 'x')", "OCTET_LENGTH(")]
    [InlineData("contains(`it's \"odd\"`, 'x')", "POSITION(")]
    [InlineData("starts_with(`it's \"odd\"`, 'x')", "CHAR_LENGTH(")]
    [InlineData("hour(in_zone(when, 'Asia/Kathmandu'))", "INTERVAL '20700' SECOND(5)")]
    [InlineData("power(fare, 2) + round(tanh(fare)) + sign(log10(fare))", "POWER(")]
    [InlineData("when < timestamp('2001-06-30T17:45:00.25')", "TIMESTAMP '2001-06-30 17:45:00.250000'")]
    public void What_the_standard_has_is_written_in_its_words(string text, string word) =>
        Assert.Contains(word, SqlCompiler.Compile(Frozen(text), SqlDialect.Ansi, "rows"));

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    public void A_table_without_a_name_is_refused(string table) =>
        Assert.Throws<ArgumentException>(() => SqlCompiler.Compile(Frozen("fare"), SqlDialect.DuckDb, table));

    /// <summary>2 units in the last place, whatever C library the database was built with.</summary>
    [Theory]
    [InlineData("log")]
    [InlineData("exp")]
    [InlineData("sin")]
    [InlineData("cos")]
    [InlineData("log1p")]
    [InlineData("log10")]
    [InlineData("tanh")]
    public void A_function_of_the_database_is_within_two_units_in_the_last_place(string function)
    {
        var random = new Random(5);
        var rows = Rows.Of(Rows.Numbers("x", [.. Enumerable.Range(0, 20_000).Select(index => (object)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 4)))), 709.782712893384, Math.BitIncrement(709.782712893384), -745.1332191019411, Math.BitDecrement(-745.1332191019411)]));
        var expr = ExprParser.Parse($"{function}(x)");
        using var table = new DuckDbTable(rows);
        var found = table.Query(SqlCompiler.Compile(new FrozenTransform(rows.Schema, [("f", expr)]), SqlDialect.DuckDb, "rows"));
        for (var row = 0; row < rows.RowCount; row++)
        {
            var (expected, value) = ((double?)RowReference.Evaluate(expr, rows, row), (double?)found[row][0]);
            Assert.Equal(expected is null, value is null);
            // log1p multiplies and divides what the logarithm is off by, each rounding once more.
            var units = function == "log1p" ? 4 : 2;
            Assert.True(
                expected is null || Math.Abs(BitConverter.DoubleToInt64Bits(expected.Value) - BitConverter.DoubleToInt64Bits(value!.Value)) <= units,
                string.Create(CultureInfo.InvariantCulture, $"{function}({rows["x"].ValueAt(row)}): {expected:R}, SQL {value:R}"));
        }
    }

    static FrozenTransform Frozen(string text) => new(Trips.Schema, [("f", ExprParser.Parse(text))]);
}

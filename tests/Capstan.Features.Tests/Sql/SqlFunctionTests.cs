using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Features.Tests.Sql;

/// <summary>Functions whose databases differ from the engine unless their SQL takes care, over values chosen to show it.</summary>
public sealed class SqlFunctionTests
{
    public static TheoryData<SqlDialect> Databases => [SqlDialect.DuckDb, SqlDialect.PostgreSql];

    /// <summary>The borders of the shortest forms: powers of two and ten, halves between doubles, the largest and the least.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public void A_number_has_the_engines_text(SqlDialect dialect)
    {
        var random = new Random(3);
        double[] chosen =
        [
            0, 1, -1, 0.1, 1.0 / 3, 1e15, 1e16, 123456789012345680, 9007199254740992, 9007199254740994, 18014398509481988, 1.23e22, 1e23, 9.5e-5,
            1e-4, 1e-5, -1.5e-7, 4503599627370497.5, double.MaxValue, double.Epsilon, 2.2250738585072014e-308, 1.7976931348623155e308,
            15339260330823910, 0.12828969, 5e-324, 2e-323, 1.5e300, 1.5e308, 1.6000000000000001e308,
        ];
        double[] values =
        [
            .. chosen, .. Enumerable.Range(-1074, 2098).Select(power => Math.ScaleB(1, power)),
            .. Enumerable.Range(-323, 631).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture)),
            .. Enumerable.Range(0, 600).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64())).Where(double.IsFinite),
            .. Enumerable.Range(0, 600).Select(_ => Math.Round(random.NextDouble() * 1000, random.Next(8))),
        ];
        var rows = Rows.Of(Rows.Numbers("x", [.. values.Select(value => (object)value)]));
        Equal("hash(x, buckets: 2147483646)", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void A_text_is_read_as_the_engine_reads_it(SqlDialect dialect)
    {
        var rows = Rows.Of(Rows.Texts("w",
            "1", "+1", "-1", "--1", "+-1", " \t\n\v\f\r1 ", "\u00a01", "1.", ".5", ".", "", " ", "1e", "1e+", "1e5", "1E5", "1e+5", "1e-5", "1 e5", "0x10", "1_000", "1,5",
            "nan", "inf", "-Infinity", "1e308", "1e309", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "-1.7976931348623159e308",
            "1e-323", "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "-2e-324", "1e-400", "1e99999", "1e-99999", "0e99999", "1e99999999999", "1e-99999999999",
            "0e99999999999", "-0", "-0.0", "000123.4500", "0.000000000000000000000000000001e30", "123456789012345678901234567890", "0.1", "9007199254740993",
            "9007199254740992.99999999999999999999999999999999999999999", "1.00000000000000011102230246251565404236316680908203125",
            "1.00000000000000011102230246251565404236316680908203124", "1.00000000000000011102230246251565404236316680908203126",
            $"1.000000000000000111022302462515654042363166809082031250{new string('0', 900)}1", $"{new string('9', 400)}e-390", $"0.{new string('0', 400)}1e400", "١", null));
        Equal("number(w)", rows, dialect);
        Equal("is_missing(number(w))", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Every_letter_that_has_another_case_changes_it_as_in_the_engine(SqlDialect dialect)
    {
        var letters = Enumerable.Range(0, 0x110000).Where(code => Rune.IsValid(code)).Select(code => new Rune(code))
            .Where(rune => Rune.ToLowerInvariant(rune) != rune || Rune.ToUpperInvariant(rune) != rune);
        var rows = Rows.Of(Rows.Texts("w", [.. letters.Chunk(256).Select(chunk => (object)string.Concat(chunk))]));
        Equal("hash(lower(w), buckets: 2147483646)", rows, dialect);
        Equal("hash(upper(w), buckets: 2147483646)", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Letters_change_case_and_white_space_is_trimmed(SqlDialect dialect)
    {
        var rows = Rows.Of(Rows.Texts("w", "Straße", "ΑΣΑΣ", "İIıi", "ǅ", "Ⱥⱥ", "𐐀𐐨", "ﬀ", "Ж ж", "ABCabc", "\u2003a\u00a0b\u3000", "\u200ba", "\u0085x\u1680", "", null));
        Equal("hash(lower(w), buckets: 2147483646)", rows, dialect);
        Equal("hash(upper(w), buckets: 2147483646)", rows, dialect);
        Equal("hash(trim(w), buckets: 2147483646)", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void A_text_that_would_be_too_long_is_missing(SqlDialect dialect)
    {
        var rows = Rows.Of(Rows.Texts("w", new string('a', 1 << 10), new string('a', (1 << 10) + 1), new string('a', 1 << 20), new string('a', (1 << 20) + 1), "ab", ""));
        Equal("length(replace(w, 'a', w))", rows, dialect);
        Equal("length(replace(w, 'b', 'cc'))", rows, dialect);
        Equal("length(concat(w, ''))", rows, dialect);
        Equal("length(concat(w, 'x'))", rows, dialect);
        Equal("length(replace(replace(replace(w, 'a', w), 'a', w), 'a', w))", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Clocks_of_zones_show_what_the_engine_says_around_every_change(SqlDialect dialect)
    {
        string[] names = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
        var starts = names.SelectMany(name => ZoneOffsets.OfSystem(name).Starts).Distinct().ToArray();
        object?[] times =
        [
            .. starts.SelectMany(start => new[] { start - 1, start }).Select(time => Timestamps.ToDateTime(time).ToString("O")), "0001-01-01", "9999-12-31T23:59:59.999999",
            null,
        ];
        var rows = Rows.Of(Rows.Times("t", times));
        foreach (var name in names)
        {
            Equal($"epoch_seconds(in_zone(t, '{name}'))", rows, dialect);
        }

        Equal("seconds_between(t, timestamp('2001-06-30T17:45:00.25'))", rows, dialect);
    }

    /// <summary>Powers near the largest and the least number, where databases fail instead of rounding.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public void A_power_is_missing_or_0_where_it_can_not_be_said(SqlDialect dialect)
    {
        object?[] numbers = [0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e300, -1e300, 1e-300, 1023, 1024, -1074, -1075, -1076, 1e20, 1.0000000000000002, 0.9999999999999999, 1.797693134e308, double.Epsilon, null];
        var rows = Rows.Of(
            Rows.Numbers("x", [.. numbers.SelectMany(x => numbers.Select(_ => x))]), Rows.Numbers("y", [.. numbers.SelectMany(_ => numbers)]));
        Equal("power(x, y)", rows, dialect);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public void Halves_are_rounded_to_even(SqlDialect dialect)
    {
        var rows = Rows.Of(Rows.Numbers("x", 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, -0.3, 4503599627370495.5, 4503599627370496, 9007199254740993, -4503599627370495.5, 1e300, null));
        Equal("round(x)", rows, dialect);
        Equal("sign(x) + sign(-x)", rows, dialect);
    }

    static void Equal(string expression, ColumnBatch rows, SqlDialect dialect)
    {
        var expr = ExprParser.Parse(expression);
        using SqlTable table = dialect == SqlDialect.DuckDb ? new DuckDbTable(rows) : new PostgreSqlTable(rows);
        var found = table.Query(SqlCompiler.Compile(new FrozenTransform(rows.Schema, [("f", expr)]), dialect, "rows"));
        for (var row = 0; row < rows.RowCount; row++)
        {
            var expected = RowReference.Evaluate(expr, rows, row) switch { bool truth => truth ? 1.0 : 0.0, var other => other };
            Assert.True(
                Equals(expected, found[row][0]),
                string.Create(CultureInfo.InvariantCulture, $"row {row}: {expression} of {string.Join(", ", rows.Columns.Select(column => column.ValueAt(row)))}: {expected ?? "missing"}, SQL {found[row][0] ?? "NULL"}"));
        }
    }
}

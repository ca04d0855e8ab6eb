using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.Parquet;

public sealed class ParquetFileTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Every_type_is_read_as_ours()
    {
        var path = _data.WriteParquet("types.parquet", """
            SELECT CAST(-1 AS TINYINT) i8, CAST(-300 AS SMALLINT) i16, CAST(-70000 AS INTEGER) i32,
                CAST(-5000000000 AS BIGINT) i64,
                CAST(255 AS UTINYINT) u8, CAST(65535 AS USMALLINT) u16, CAST(4294967295 AS UINTEGER) u32,
                CAST(9223372036854775807 AS UBIGINT) u64,
                CAST(18446744073709551615 AS UBIGINT) big, CAST(1.5 AS FLOAT) f32, CAST(0.1 AS DOUBLE) f64,
                CAST(12.34 AS DECIMAL(9, 2)) amount,
                true flag, 'text longer than twelve bytes' text1, 'é' text2, DATE '2001-03-31' date1,
                TIMESTAMP '2001-03-31 23:59:30.25' ts,
                TIMESTAMP_MS '1969-12-31 23:59:59.5' ms, TIMESTAMP_NS '2001-03-31 00:00:00.000001' ns,
                TIMESTAMPTZ '2001-03-31 12:00:00+02' tz,
                TIME '12:30:00' time1, [1, 2] list1
            """);
        var source = await Reading.Open(path);
        Assert.Equal(
            "i8: int, i16: int, i32: int, i64: int, u8: int, u16: int, u32: int, u64: int, " +
            "big: number, f32: number, f64: number, amount: number, " +
            "flag: boolean, text1: text, text2: text, date1: timestamp, ts: timestamp, ms: timestamp, " +
            "ns: timestamp, tz: timestamp, time1: text, list1: text",
            source.Schema.ToString());
        Assert.Equal(
            ["-1|-300|-70000|-5000000000|255|65535|4294967295|9223372036854775807|1.8446744073709552E+19|1.5|0.1|12.34|True|" +
             "text longer than twelve bytes|é|2001-03-31|2001-03-31T23:59:30.25|1969-12-31T23:59:59.5|" +
             "2001-03-31T00:00:00.000001|2001-03-31T10:00:00|" +
             "12:30:00|[1, 2]"], await source.Rows());
    }

    [Fact]
    public async Task Lists_of_texts_are_lists_without_what_is_null_in_them_and_others_may_be_declared()
    {
        var path = _data.WriteParquet("lists.parquet", """
            SELECT * FROM (VALUES (['a', NULL, 'a text of more than twelve bytes'], [1, 2], 'x'), (NULL, NULL, 'y'), ([], [], 'z'), ([''], [3], '')) t(tags, numbers, word)
            """);
        var source = await Reading.Open(path);
        Assert.Equal("tags: list, numbers: text, word: text", source.Schema.ToString());
        Assert.Equal(["<a>,<a text of more than twelve bytes>", "·", "", "<>"], await source.Rows("tags"));
        var options = new ReadOptions { Types = ImmutableDictionary<string, DataType>.Empty.Add("numbers", DataType.TextList) };
        Assert.Equal(["<1>,<2>|x", "·|y", "|z", "<3>|"], await (await Reading.Open(options, path)).Rows("numbers", "word"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(30_000)]
    public async Task All_rows_come_in_order_whatever_their_number(int rows)
    {
        var path = _data.WriteParquet("a.parquet", $"SELECT i, 'text ' || i AS t FROM range({rows}) t(i)",
            rowGroupRows: 2048 * 3);
        if (rows == 0)
        {
            Assert.Contains("no rows", (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(path))).Message);
            return;
        }

        var source = await Reading.Open(path);
        Assert.Equal(rows, source.RowCount());
        Assert.Equal(Enumerable.Range(0, rows).Select(row => $"text {row}|{row}"), await source.Rows("t", "i"));
    }

    [Fact]
    public async Task Row_groups_make_splits_that_are_read_by_themselves()
    {
        var path = _data.WriteParquet("a.parquet", "SELECT i FROM range(1250000) t(i)", rowGroupRows: 204_800);
        var source = await Reading.Open(path);
        Assert.Equal([614_400L, 614_400, 21_200], source.Splits.Select(split => split.RowCount));
        Assert.Equal($"{path}, rows 614,401 to 1,228,800", source.Splits[1].Name);
        long next = 614_400;
        await foreach (var batch in source.ReadAsync(source.Splits[1], ["i"], TestContext.Current.CancellationToken))
        {
            Assert.Equal(next, batch.Columns[0].Int64s[0]);
            Assert.Equal(next + batch.RowCount - 1, batch.Columns[0].Int64s[^1]);
            next += batch.RowCount;
        }

        Assert.Equal(1_228_800, next);
    }

    [Fact]
    public async Task A_column_called_like_the_engines_row_number_is_a_column()
    {
        var path = _data.WriteParquet("a.parquet", "SELECT i + 5 AS file_row_number FROM range(1100000) t(i)");
        var source = await Reading.Open(path);
        Assert.Equal(1_100_000, Assert.Single(source.Splits).RowCount);
        Assert.Equal("5", (await source.Rows())[0]);
    }

    [Fact]
    public async Task Missing_and_not_finite_values_are_missing()
    {
        var path = _data.WriteParquet("a.parquet", """
            SELECT * FROM (VALUES (1, 1.5::FLOAT, true, 'x', DATE '2001-01-01', TIMESTAMP '2001-01-01 01:00:00'),
                (NULL, NULL, NULL, NULL, NULL, NULL), (2, 'nan', false, '', 'infinity', '-infinity'),
                (3, 'inf', true, 'y', '0001-01-01', '1969-12-31 00:00:00'))
            t(i, f, b, s, d, t)
            """);
        Assert.Equal(
            ["1|1.5|True|x|2001-01-01|2001-01-01T01:00:00", "·|·|·|·|·|·", "2|·|False||·|·",
                "3|·|True|y|0001-01-01|1969-12-31"],
            await (await Reading.Open(path)).Rows());
    }

    [Fact]
    public async Task Declared_types_convert_what_is_stored()
    {
        var types = new Dictionary<string, DataType>
        {
            ["i"] = DataType.Float64, ["f"] = DataType.Int64, ["b"] = DataType.Int64, ["s"] = DataType.Float64,
            ["t"] = DataType.Timestamp,
            ["n"] = DataType.Boolean, ["x"] = DataType.Text, ["c"] = DataType.Float64,
        };
        var path = _data.WriteParquet("a.parquet",
            "SELECT 7 AS i, 8.0::DOUBLE AS f, true AS b, '9.5' AS s, '2001-01-01 10:00' AS t, 1 AS n, 2.5 AS x, false AS c");
        var source = await Reading.Open(new ReadOptions { Types = types.ToImmutableDictionary() }, path);
        Assert.Equal(["7|8|1|9.5|2001-01-01T10:00:00|True|2.5|0"], await source.Rows());
    }

    [Fact]
    public async Task A_fraction_declared_an_integer_is_not_rounded()
    {
        var path = _data.WriteParquet("a.parquet", "SELECT i / 2 AS x FROM range(5) t(i)");
        var options = new ReadOptions { Types = ImmutableDictionary.Create<string, DataType>().Add("x", DataType.Int64) };
        var bad = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(options, path)).Rows());
        Assert.Equal((2, "0.5"), (bad.LineNumber, bad.Found));
    }

    [Fact]
    public async Task The_flights_are_read_as_DuckDB_sums_them()
    {
        var source = await Reading.Open(SharedData.File("flights-3m.parquet"));
        Assert.Equal("date: timestamp, delay: int, distance: int, origin: text, destination: text", source.Schema.ToString());
        Assert.Equal(6, source.Splits.Count);
        Assert.Equal(3_000_000, source.RowCount());
        long rows = 0, delay = 0, distance = 0, bytes = 0;
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            rows += batch.RowCount;
            foreach (var value in batch.Columns[1].Int64s)
            {
                delay += value;
            }

            foreach (var value in batch.Columns[2].Int64s)
            {
                distance += value;
            }

            bytes += batch.Columns[3].TextBytes.Length;
        }

        // DuckDB's own count(*), sum(delay), sum(distance); airports have three letters.
        Assert.Equal((3_000_000, 20_003_603, 2_194_861_208, 9_000_000), (rows, delay, distance, bytes));
    }
}

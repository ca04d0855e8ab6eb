using System.Diagnostics;

namespace Capstan.Data.DuckDb.Tests.Parquet;

public sealed class ParquetFileTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Every_type_is_read_as_ours()
    {
        var path = _data.WriteParquet("types.parquet", """
            SELECT CAST(-1 AS TINYINT) i8, CAST(-300 AS SMALLINT) i16, CAST(-70000 AS INTEGER) i32, CAST(-5000000000 AS BIGINT) i64,
                CAST(255 AS UTINYINT) u8, CAST(65535 AS USMALLINT) u16, CAST(4294967295 AS UINTEGER) u32, CAST(9223372036854775807 AS UBIGINT) u64,
                CAST(18446744073709551615 AS UBIGINT) big, CAST(1.5 AS FLOAT) f32, CAST(0.1 AS DOUBLE) f64, CAST(12.34 AS DECIMAL(9, 2)) amount,
                true flag, 'text longer than twelve bytes' text1, 'é' text2, DATE '2001-03-31' date1, TIMESTAMP '2001-03-31 23:59:30.25' ts,
                TIMESTAMP_MS '1969-12-31 23:59:59.5' ms, TIMESTAMP_NS '2001-03-31 00:00:00.000001' ns, TIMESTAMPTZ '2001-03-31 12:00:00+02' tz,
                TIME '12:30:00' time1, [1, 2] list1
            """);
        var source = await Reading.Open(path);
        Assert.Equal(
            "i8: int, i16: int, i32: int, i64: int, u8: int, u16: int, u32: int, u64: int, big: number, f32: number, f64: number, amount: number, " +
            "flag: boolean, text1: text, text2: text, date1: timestamp, ts: timestamp, ms: timestamp, ns: timestamp, tz: timestamp, time1: text, list1: text",
            source.Schema.ToString());
        Assert.Equal(
            ["-1|-300|-70000|-5000000000|255|65535|4294967295|9223372036854775807|1.8446744073709552E+19|1.5|0.1|12.34|True|" +
             "text longer than twelve bytes|é|2001-03-31|2001-03-31T23:59:30.25|1969-12-31T23:59:59.5|2001-03-31T00:00:00.000001|2001-03-31T10:00:00|" +
             "12:30:00|[1, 2]"], await source.Rows());
    }

    [Fact]
    public async Task The_flights_are_read_as_DuckDB_sums_them()
    {
        var source = await Reading.Open(SharedData.File("flights-3m.parquet"));
        Assert.Equal("date: timestamp, delay: int, distance: int, origin: text, destination: text", source.Schema.ToString());
        Assert.Equal(6, source.Splits.Count);
        Assert.Equal(3_000_000, source.RowCount());
        var best = TimeSpan.MaxValue;
        for (var pass = 0; pass < 3; pass++)
        {
            long rows = 0, delay = 0, distance = 0, bytes = 0;
            var start = Stopwatch.GetTimestamp();
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

            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
            Assert.Equal((3_000_000, 20_003_603, 2_194_861_208, 9_000_000), (rows, delay, distance, bytes));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"flights, 5 columns, one thread: {3e6 / best.TotalSeconds:N0} rows/s");
    }
}

using System.Collections.Immutable;

namespace Capstan.Data.PostgreSql.Tests;

public sealed class PostgreSqlSourceTests
{
    [Fact]
    public async Task Every_type_that_has_a_counterpart_is_read()
    {
        await using var database = await Database.CreateAsync(
            """
            CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN price AS numeric;
            CREATE TABLE t (a smallint, b integer, c bigint, d real, e double precision, f numeric(40, 3), g boolean, h text, i varchar(9), j char(3),
                k date, l timestamp, m timestamptz, n uuid, o mood, p price, q jsonb);
            INSERT INTO t VALUES
                (-1, 2, 9007199254740993, 0.5, 0.1, 12345678901234567890.125, true, 'Zoë 𝄞', 'v', 'c', '2001-02-03', '1969-12-31 23:59:59.999999',
                    '2024-07-01 00:00:00+02', '00000000-0000-0000-0000-000000000001', 'glad', 1e400, '{"a":1}'),
                (NULL, NULL, NULL, 'NaN', 'Infinity', 'NaN', NULL, '', NULL, NULL, 'infinity', '-infinity', NULL, NULL, NULL, 1e-400, NULL);
            """);
        await using var source = await database.OpenAsync("t");
        Assert.Equal(
            "a: int, b: int, c: int, d: number, e: number, f: number, g: boolean, h: text, i: text, j: text, k: timestamp, l: timestamp, m: timestamp, n: text, " +
            "o: text, p: number, q: text", source.Schema.ToString());
        var rows = await Database.RowsAsync(source);
        Assert.Equal(
            [
                -1L, 2L, 9007199254740993L, 0.5, 0.1, 12345678901234567890.125, true, "Zoë 𝄞", "v", "c", new DateTime(2001, 2, 3),
                new DateTime(1970, 1, 1).AddTicks(-10), new DateTime(2024, 6, 30, 22, 0, 0), "00000000-0000-0000-0000-000000000001", "glad", null, "{\"a\": 1}",
            ],
            rows[0]);
        Assert.Equal([null, null, null, null, null, null, null, "", null, null, null, null, null, null, null, 0.0, null], rows[1]);
    }

    [Fact]
    public async Task Only_the_columns_asked_for_come_in_their_order()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t AS SELECT n AS a, n * 2 AS b, CAST(n AS text) AS \"odd \"\"name\" FROM generate_series(1, 20000) AS g(n)");
        await using var source = await database.OpenAsync("t");
        var rows = await Database.RowsAsync(source, "odd \"name", "a");
        Assert.Equal(20000, rows.Count);
        Assert.All(rows, (row, index) => Assert.Equal([$"{index + 1}", index + 1L], row));
        await Assert.ThrowsAsync<UnknownColumnException>(() => Database.RowsAsync(source, "c"));
    }

    [Fact]
    public async Task A_view_and_a_query_are_read_like_a_table()
    {
        await using var database = await Database.CreateAsync(
            "CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 10) AS g(n); CREATE VIEW v AS SELECT a * 2 AS b FROM t WHERE a > 7; " +
            "CREATE TABLE p (a bigint) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (5); INSERT INTO p VALUES (3), (4);");
        await using var view = await database.OpenAsync("v");
        Assert.Equal([16L, 18L, 20L], (await Database.RowsAsync(view)).Select(row => row[0]));
        await using var partitions = await database.OpenAsync("p");
        Assert.Equal([3L, 4L], (await Database.RowsAsync(partitions)).Select(row => row[0]));
        await using var query = await PostgreSqlSource.OpenAsync(database.Query("SELECT a, 'x;y' AS w FROM {0}.t ORDER BY a DESC LIMIT 2"), ImmutableDictionary<string, DataType>.Empty, default);
        Assert.Equal([[10L, "x;y"], [9L, "x;y"]], await Database.RowsAsync(query));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("k")]
    public async Task Parts_hold_every_row_once_in_the_same_order(string? key)
    {
        // 72 MB of pages, for two parts by pages.
        await using var database = await Database.CreateAsync(
            "CREATE UNLOGGED TABLE t (k integer, filler text); ALTER TABLE t ALTER filler SET STORAGE PLAIN; " +
            "INSERT INTO t SELECT NULLIF(n, 5), repeat('x', 7000) FROM generate_series(1, 9000) AS g(n)");
        await using var source = await PostgreSqlSource.OpenAsync(database.At("t") with { Key = key }, ImmutableDictionary<string, DataType>.Empty, default);
        Assert.Equal(key is null ? 2 : 8, source.Splits.Count);
        var rows = (await Database.RowsAsync(source, "k")).Select(row => (long?)row[0]).ToArray();
        Assert.Equal(Enumerable.Range(1, 9000).Select(n => n == 5 ? (long?)null : n).Order(), rows.Order());
        Assert.Equal(rows, (await Database.RowsAsync(source, "k")).Select(row => (long?)row[0]));
    }

    [Fact]
    public async Task All_readings_see_the_rows_of_the_opening_and_the_fingerprint_tells_a_change()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 3) AS g(n)");
        await using var source = await database.OpenAsync("t");
        await using var same = await database.OpenAsync("t");
        await database.ExecuteAsync("UPDATE t SET a = 10 WHERE a = 1; DELETE FROM t WHERE a = 2");
        await using var later = await database.OpenAsync("t");
        Assert.Equal([1L, 2L, 3L], (await Database.RowsAsync(source)).Select(row => row[0]));
        Assert.Equal([3L, 10L], (await Database.RowsAsync(later)).Select(row => row[0]).Order());
        Assert.NotEqual(source.Fingerprint, later.Fingerprint);
        Assert.Equal(same.Schema, source.Schema);
    }

    [Fact]
    public async Task Another_process_sees_the_same_rows_by_a_snapshot_whatever_is_written_meanwhile()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t AS SELECT generate_series(1, 3) AS a");
        await using var source = await database.OpenAsync("t");
        await database.ExecuteAsync("DELETE FROM t WHERE a < 3");

        await using var other = await PostgreSqlSource.OpenAsync(
            database.At("t"), ImmutableDictionary<string, DataType>.Empty, source.Snapshot, TestContext.Current.CancellationToken);

        Assert.Equal(source.Fingerprint, other.Fingerprint);
        Assert.Equal([1L, 2L, 3L], (await Database.RowsAsync(other)).Select(row => row[0]));
        await Assert.ThrowsAsync<ArgumentException>(() => PostgreSqlSource.OpenAsync(
            database.At("t"), ImmutableDictionary<string, DataType>.Empty, "x'; DROP TABLE t; --", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_open_source_is_not_in_the_way_of_whoever_alters_the_table()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t AS SELECT 1 AS a; SET lock_timeout = '5min'");
        await using var source = await database.OpenAsync("t");
        await Database.RowsAsync(source);
        await database.ExecuteAsync("DROP TABLE t");
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<UnreadableDataException>(() => Database.RowsAsync(source))).Message);
    }

    [Fact]
    public async Task A_reading_that_is_left_early_does_not_fetch_the_rest()
    {
        await using var database = await Database.CreateAsync();
        await using var source = await PostgreSqlSource.OpenAsync(
            database.Query("SELECT a.n FROM generate_series(1, 100000) AS a(n), generate_series(1, 100000) AS b(m)"), ImmutableDictionary<string, DataType>.Empty, default);
        await foreach (var batch in source.ReadAllAsync(["n"], default))
        {
            Assert.Equal(1L, batch["n"].Int64s[0]);
            break;
        }
    }

    [Fact]
    public async Task Declared_types_convert_where_every_value_can_be_converted()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t AS SELECT 1 AS a, 'x' AS w");
        var types = ImmutableDictionary<string, DataType>.Empty;
        await using var source = await PostgreSqlSource.OpenAsync(database.At("t"), types.Add("a", DataType.Text), default);
        Assert.Equal(["1", "x"], Assert.Single(await Database.RowsAsync(source)));
        Assert.Contains("column 'w' is text", (await Assert.ThrowsAsync<UnreadableDataException>(() =>
            PostgreSqlSource.OpenAsync(database.At("t"), types.Add("w", DataType.Int64), default))).Message);
        await Assert.ThrowsAsync<UnknownColumnException>(() => PostgreSqlSource.OpenAsync(database.At("t"), types.Add("z", DataType.Int64), default));
    }

    [Fact]
    public async Task What_can_not_be_read_is_refused_with_place_and_advice()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE t (a integer, span interval, list integer[], w text)");
        async Task<string> RefusalAsync(PostgreSqlAddress address) => (await Assert.ThrowsAsync<UnreadableDataException>(() =>
            PostgreSqlSource.OpenAsync(address, ImmutableDictionary<string, DataType>.Empty, default))).Message;
        var types = await RefusalAsync(database.At("t"));
        Assert.Contains("column 'span' is interval, column 'list' is integer[]", types);
        Assert.Contains("SELECT \"a\", \"w\" FROM", types);
        Assert.Contains("does not exist", await RefusalAsync(database.At("nowhere")));
        Assert.Contains("PGPASSWORD", await RefusalAsync(database.At("t") with { Password = "wrong" }));
        Assert.Contains("the key 'w' is text", await RefusalAsync(database.Query("SELECT 'x' AS w") with { Key = "w" }));
        Assert.Contains("syntax", await RefusalAsync(database.Query("SELEC")));
        var nobody = await RefusalAsync(database.At("t") with { Host = "/nowhere", Port = 6000 });
        Assert.Contains("no connection to /nowhere, port 6000", nobody);
    }
}

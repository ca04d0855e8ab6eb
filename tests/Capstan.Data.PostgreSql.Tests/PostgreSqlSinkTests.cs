using System.Collections.Immutable;
namespace Capstan.Data.PostgreSql.Tests;

public sealed class PostgreSqlSinkTests
{
    static readonly Schema Columns = new(
    [
        new Field("n", DataType.Int64), new Field("x", DataType.Float64), new Field("b", DataType.Boolean), new Field("odd \"name", DataType.Text),
        new Field("t", DataType.Timestamp),
    ]);

    static ColumnBatch Batch(int rows)
    {
        var builder = new BatchBuilder(Columns);
        for (var row = 0; row < rows; row++)
        {
            if (row % 7 == 3)
            {
                Array.ForEach([.. builder.Columns], column => column.AppendMissing());
                continue;
            }

            builder.Columns[0].Append((long)row - 5);
            builder.Columns[1].Append(row / 3.0);
            builder.Columns[2].Append(row % 2 == 0);
            builder.Columns[3].Append(row == 1 ? "" : $"Zoë 𝄞 {row}");
            builder.Columns[4].Append(row == 2 ? Timestamps.MinValue : row * 1_000_001L);
        }

        return builder.Batch;
    }

    [Fact]
    public async Task What_is_written_is_read_again()
    {
        await using var database = await Database.CreateAsync();
        await using (var sink = new PostgreSqlSink(database.At("out"), Columns))
        {
            await sink.WriteAsync(Batch(100), default);
            await sink.WriteAsync(Batch(20), default);
            await sink.CompleteAsync(default);
        }

        await using var source = await database.OpenAsync("out");
        Assert.Equal(Columns, source.Schema);
        var written = await Database.RowsAsync(new MemorySource(Columns, [Batch(100), Batch(20)]));
        Assert.Equal(written, await Database.RowsAsync(source));
    }

    [Fact]
    public async Task Lists_are_arrays_of_texts()
    {
        await using var database = await Database.CreateAsync();
        var builder = new BatchBuilder(new Schema([new Field("n", DataType.Int64), new Field("tags", DataType.TextList)]));
        foreach (var list in new string[]?[] { ["a", "é,\"b\""], [], null, [""] })
        {
            builder.Columns[0].Append(builder.Columns[0].Length);
            foreach (var item in list ?? [])
            {
                builder.Columns[1].Items.Append(item);
            }

            if (list is null)
            {
                builder.Columns[1].AppendMissing();
            }
            else
            {
                builder.Columns[1].AppendList();
            }
        }

        await using (var sink = new PostgreSqlSink(database.At("out"), builder.Batch.Schema))
        {
            await sink.WriteAsync(builder.Batch, default);
            await sink.CompleteAsync(default);
        }

        Assert.Equal(
            "text[] {a,\"é,\\\"b\\\"\"} {} null {\"\"}",
            await database.ValueAsync("SELECT max(pg_typeof(tags)::text) || ' ' || string_agg(coalesce(tags::text, 'null'), ' ' ORDER BY n) FROM out"));
        await using var source = await database.OpenAsync("out");
        Assert.Equal(builder.Batch.Schema, source.Schema);
        Assert.Equal(["<a><é,\"b\">", "", "missing", "<>"], await ListsAsync(source));
        const string Arrays = "SELECT array['x', null, 'y'] AS tags UNION ALL SELECT array[['a', 'b'], ['c', 'd']]";
        await using var query = await PostgreSqlSource.OpenAsync(database.Query(Arrays), ImmutableDictionary<string, DataType>.Empty, default);
        Assert.Equal(["<a><b><c><d>", "<x><y>"], (await ListsAsync(query)).Order());
    }

    static async Task<List<string>> ListsAsync(IBatchSource source)
    {
        var lists = new List<string>();
        await foreach (var batch in source.ReadAllAsync(["tags"], default))
        {
            lists.AddRange(Enumerable.Range(0, batch.RowCount).Select(
                row => batch.Columns[0].ValueAt(row) is string[] list ? string.Concat(list.Select(item => $"<{item}>")) : "missing"));
        }

        return lists;
    }

    [Fact]
    public async Task Nothing_is_seen_of_what_was_not_completed()
    {
        await using var database = await Database.CreateAsync();
        await using (var sink = new PostgreSqlSink(database.At("out"), Columns))
        {
            await sink.WriteAsync(Batch(100), default);
            Assert.Equal(DBNull.Value, await database.ValueAsync("SELECT CAST(to_regclass('out') AS text)"));
        }

        Assert.Equal(DBNull.Value, await database.ValueAsync("SELECT CAST(to_regclass('out') AS text)"));
        await new PostgreSqlSink(database.At("out"), Columns).DisposeAsync();
    }

    [Fact]
    public async Task Columns_of_32_bits_are_stored_as_such()
    {
        await using var database = await Database.CreateAsync();
        var builder = new BatchBuilder(Columns.Select(["n", "x"]));
        builder.Columns[0].Append(int.MinValue);
        builder.Columns[1].Append(0.1f);
        await using var sink = new PostgreSqlSink(database.At("out"), builder.Batch.Schema, new HashSet<string> { "n", "x" });
        await sink.WriteAsync(builder.Batch, default);
        await sink.CompleteAsync(default);
        Assert.Equal("integer real -2147483648 0.1", await database.ValueAsync("SELECT concat_ws(' ', pg_typeof(n), pg_typeof(x), n, x) FROM out"));
    }

    [Fact]
    public async Task An_empty_table_is_a_table()
    {
        await using var database = await Database.CreateAsync();
        await using var sink = new PostgreSqlSink(database.At("out"), Columns);
        await sink.CompleteAsync(default);
        Assert.Equal(0L, await database.ValueAsync("SELECT count(*) FROM out"));
    }

    [Fact]
    public async Task A_table_that_exists_and_a_query_are_refused()
    {
        await using var database = await Database.CreateAsync("CREATE TABLE out (a integer)");
        await using var sink = new PostgreSqlSink(database.At("out"), Columns);
        Assert.Contains("already exists", (await Assert.ThrowsAsync<UnwritableFileException>(() => sink.WriteAsync(Batch(1), default).AsTask())).Message);
        Assert.Throws<ArgumentException>(() => new PostgreSqlSink(database.Query("SELECT 1"), Columns));
        await using var other = new PostgreSqlSink(database.At("other"), Columns);
        await Assert.ThrowsAsync<ArgumentException>(() => other.WriteAsync(new BatchBuilder(new Schema([new Field("z", DataType.Text)])).Batch, default).AsTask());
    }
}

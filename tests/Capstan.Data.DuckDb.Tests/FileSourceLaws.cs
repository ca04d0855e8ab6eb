using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests;

/// <summary>What our writers, and DuckDB's, put into files comes back as it was.</summary>
public sealed class FileSourceLaws : IDisposable
{
    static readonly Schema AllTypes = new(
    [
        new("id", DataType.Int64), new("x", DataType.Float64), new("flag", DataType.Boolean), new("na\"me, ", DataType.Text),
        new("at", DataType.Timestamp),
    ]);

    static readonly ReadOptions Typed = new() { Types = AllTypes.Fields.ToImmutableDictionary(field => field.Name.Trim(),
        field => field.Type) };

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 100)]
    [InlineData(3, 8192)]
    [InlineData(4, 8193)]
    [InlineData(5, 20_000)]
    public async Task What_is_written_as_json_lines_comes_back(int seed, int rows)
    {
        var batch = RandomTable.Of(seed, rows, AllTypes, hasNullCharacter: false);
        await using (var writer = new JsonLinesWriter(_data["a.jsonl"], AllTypes))
        {
            await writer.WriteAsync(batch, TestContext.Current.CancellationToken);
            await writer.CompleteAsync(TestContext.Current.CancellationToken);
        }

        var options = Typed with { Types = AllTypes.Fields.ToImmutableDictionary(field => field.Name, field => field.Type) };
        await AssertSame(batch, await Reading.Open(options, _data["a.jsonl"]), emptyIsMissing: false);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 100)]
    [InlineData(3, 8192)]
    [InlineData(4, 8193)]
    [InlineData(5, 20_000)]
    public async Task What_is_written_as_csv_comes_back(int seed, int rows)
    {
        var schema = new Schema(AllTypes.Fields.Select(field => field with { Name = field.Name.Trim() }));
        var batch = RandomTable.Of(seed, rows, schema, hasNullCharacter: false);
        await using (var writer = new CsvWriter(_data["a.csv"], schema))
        {
            await writer.WriteAsync(batch, TestContext.Current.CancellationToken);
            await writer.CompleteAsync(TestContext.Current.CancellationToken);
        }

        await AssertSame(batch, await Reading.Open(Typed, _data["a.csv"]), emptyIsMissing: true);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 3000)]
    public async Task DuckDB_reads_the_same_out_of_our_csv(int seed, int rows)
    {
        var schema = new Schema(AllTypes.Fields.Select(field => field with { Name = field.Name.Trim() }));
        var batch = RandomTable.Of(seed, rows, schema, hasNullCharacter: false);
        await using (var writer = new CsvWriter(_data["a.csv"], schema))
        {
            await writer.WriteAsync(batch, TestContext.Current.CancellationToken);
            await writer.CompleteAsync(TestContext.Current.CancellationToken);
        }

        _data.WriteParquet("a.parquet", $$"""
            SELECT * FROM read_csv('{{_data["a.csv"]}}', auto_detect=false, header=true, delim=',', quote='"', escape='"',
                new_line='\n', columns={'id': 'BIGINT', 'x': 'DOUBLE', 'flag': 'BOOLEAN', 'na"me,': 'VARCHAR', 'at': 'TIMESTAMP'})
            """);
        await AssertSame(batch, await Reading.Open(_data["a.parquet"]), emptyIsMissing: true);
    }

    [Fact]
    public async Task Any_projection_gives_the_same_columns()
    {
        var batch = RandomTable.Of(seed: 6, rows: 9_000, AllTypes, hasNullCharacter: false);
        await using (var writer = new JsonLinesWriter(_data["a.jsonl"], AllTypes))
        {
            await writer.WriteAsync(batch, TestContext.Current.CancellationToken);
            await writer.CompleteAsync(TestContext.Current.CancellationToken);
        }

        _data.WriteParquet("a.parquet", $"SELECT * FROM read_json('{_data["a.jsonl"]}', format='newline_delimited')");
        var random = new Random(6);
        foreach (var file in new[] { "a.jsonl", "a.parquet" })
        {
            var source = await Reading.Open(_data[file]);
            var whole = (await source.Rows()).Select(row => row.Split('|')).ToList();
            for (var round = 0; round < 5; round++)
            {
                var names = source.Schema.Names.ToArray();
                random.Shuffle(names);
                names = names[..random.Next(1, names.Length + 1)];
                Assert.Equal(
                    whole.Select(row => string.Join("|", names.Select(name => row[source.Schema.IndexOf(name)]))),
                    await source.Rows(names));
            }
        }
    }

    static async Task AssertSame(ColumnBatch expected, FileSource source, bool emptyIsMissing)
    {
        Assert.Equal(expected.Schema, source.Schema);
        var first = 0;
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                for (var column = 0; column < batch.Columns.Length; column++)
                {
                    var value = expected.Columns[column].ValueAt(first + row);
                    Assert.Equal(emptyIsMissing && value is "" ? null : value, batch.Columns[column].ValueAt(row));
                }
            }

            first += batch.RowCount;
        }

        Assert.Equal(expected.RowCount, first);
    }
}

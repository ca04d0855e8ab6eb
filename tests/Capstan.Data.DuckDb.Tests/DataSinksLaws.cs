using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests;

/// <summary>What any sink writes is what the reader of its extension finds; DuckDB, which reads Parquet, is not ours.</summary>
public sealed class DataSinksLaws : IDisposable
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("a.parquet", 0)]
    [InlineData("a.parquet", 1)]
    [InlineData("a.parquet", 300_001)]
    [InlineData("a.pq", 8193)]
    [InlineData("a.arrow", 0)]
    [InlineData("a.arrow", 1)]
    [InlineData("a.arrow", 70_001)]
    [InlineData("a.feather", 8193)]
    public async Task Rows_of_all_types_come_back_to_the_bit_in_their_order(string name, int rows)
    {
        var written = RandomTable.Of(seed: rows, Math.Max(rows, 1), RandomTable.WithLists);
        await WriteAsync(name, written, batchRows: 5000, rows);
        if (rows == 0)
        {
            var failure = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data[name]));
            Assert.Contains("no rows", failure.Message);
            return;
        }

        var source = await Reading.Open(_data[name]);
        Assert.Equal(RandomTable.WithLists, source.Schema);
        var first = 0;
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], Token))
        {
            for (var column = 0; column < batch.Columns.Length; column++)
            {
                Assert.True(
                    Enumerable.Range(0, batch.RowCount).All(row =>
                        AreEqual(written.Columns[column].ValueAt(first + row), batch.Columns[column].ValueAt(row))),
                    $"column {column} of the batch at row {first}");
            }

            first += batch.RowCount;
        }

        Assert.Equal(rows, first);
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.jsonl")]
    [InlineData("a.parquet")]
    [InlineData("a.arrow")]
    public async Task Narrow_columns_come_back_as_the_same_single_precision_numbers(string name)
    {
        var schema = new Schema([new("x", DataType.Float64), new("n", DataType.Int64)]);
        var builder = new BatchBuilder(schema);
        float[] numbers = [0.1f, -0f, 1e-45f, float.MaxValue, 16_777_217f, 1 / 3f];
        for (var row = 0; row < numbers.Length; row++)
        {
            builder.Columns[0].Append(numbers[row]);
            builder.Columns[1].Append(row % 2 == 0 ? int.MaxValue - row : int.MinValue + row);
        }

        await using (var sink = DataSinks.Create(_data[name], schema, schema.Names.ToHashSet()))
        {
            await sink.WriteAsync(builder.Batch, Token);
            await sink.CompleteAsync(Token);
        }

        await foreach (var batch in (await Reading.Open(_data[name])).ReadAllAsync(["x", "n"], Token))
        {
            Assert.Equal(
                numbers.Select(BitConverter.SingleToInt32Bits),
                batch.Columns[0].Float64s.ToArray().Select(value => BitConverter.SingleToInt32Bits((float)value)));
            Assert.Equal(builder.Columns[1].Column.Int64s, batch.Columns[1].Int64s);
        }
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.arrow")]
    public async Task An_integer_that_is_not_narrow_is_refused_and_leaves_no_file(string name)
    {
        var schema = new Schema([new("n", DataType.Int64)]);
        var builder = new BatchBuilder(schema);
        builder.Columns[0].Append(1L << 40);
        await using (var sink = DataSinks.Create(_data[name], schema, new HashSet<string> { "n" }))
        {
            await sink.WriteAsync(builder.Batch, Token);
            await Assert.ThrowsAsync<OverflowException>(async () => await sink.CompleteAsync(Token));
        }

        Assert.Empty(Directory.EnumerateFiles(_data.Path));
    }

    /// <summary>The same rows through every format that has lists, one after the other.</summary>
    [Fact]
    public async Task Lists_go_from_JSON_lines_to_Parquet_to_Arrow_and_back()
    {
        var lines = _data.Write("a.jsonl", """
            {"n":1,"tags":["a","b"]}
            {"n":2,"tags":[]}
            {"n":3,"tags":null}
            {"n":4,"tags":["","é,\"日本\""]}

            """);
        var expected = await (await Reading.Open(lines)).Rows("n", "tags");
        foreach (var (from, to) in new[] { ("a.jsonl", "b.parquet"), ("b.parquet", "c.arrow"), ("c.arrow", "d.jsonl") })
        {
            var source = await Reading.Open(_data[from]);
            Assert.Equal(DataType.TextList, source.Schema["tags"].Type);
            await using var sink = DataSinks.Create(_data[to], source.Schema);
            await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], Token))
            {
                await sink.WriteAsync(batch, Token);
            }

            await sink.CompleteAsync(Token);
            Assert.Equal(expected, await (await Reading.Open(_data[to])).Rows("n", "tags"));
        }

        Assert.Equal(await File.ReadAllTextAsync(lines, Token), (await File.ReadAllTextAsync(_data["d.jsonl"], Token)).Replace("\\u0022", "\\\""));
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.arrow")]
    public async Task Lists_that_are_declared_as_text_are_JSON_and_texts_are_no_lists(string name)
    {
        var schema = new Schema([new("tags", DataType.TextList), new("word", DataType.Text)]);
        var builder = new BatchBuilder(schema);
        builder.Columns[0].Items.Append("a");
        builder.Columns[0].Items.Append("b\"c");
        builder.Columns[0].AppendList();
        builder.Columns[1].Append("[\"a\"]");
        await WriteAsync(name, builder.Batch, 1, 1);
        var asText = new ReadOptions { Types = ImmutableDictionary<string, DataType>.Empty.Add("tags", DataType.Text) };
        Assert.Equal(["[\"a\",\"b\\\"c\"]"], await (await Reading.Open(asText, _data[name])).Rows("tags"));
        var asList = new ReadOptions { Types = ImmutableDictionary<string, DataType>.Empty.Add("word", DataType.TextList) };
        var failure = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(asList, _data[name])).Rows("word"));
        Assert.Contains("an array of texts", failure.Message);
    }

    [Fact]
    public void An_extension_that_tells_no_format_is_refused()
    {
        Assert.False(DataSinks.CanWrite("a.xlsx"));
        Assert.Contains(".parquet", Assert.Throws<ArgumentException>(() => DataSinks.Create("a.xlsx", RandomTable.Schema)).Message);
    }

    [Fact]
    public async Task A_declared_type_converts_what_an_arrow_file_holds_and_tells_what_it_cannot()
    {
        await WriteAsync("a.arrow", RandomTable.Of(seed: 1, 500), 500, 500);
        var options = new ReadOptions
        {
            Types = RandomTable.Schema.Names.ToDictionary(name => name, _ => DataType.Text).ToImmutableDictionary(),
        };
        var plain = await (await Reading.Open(_data["a.arrow"])).Rows("id", "text");
        Assert.Equal(plain, await (await Reading.Open(options, _data["a.arrow"])).Rows("id", "text"));

        options = new ReadOptions { Types = options.Types.Clear().Add("text", DataType.Int64) };
        var failure = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(options, _data["a.arrow"])).Rows());
        Assert.Equal(("text", 1), (failure.Column, failure.LineNumber > 0 ? 1 : 0));
        var skipping = await Reading.Open(options with { OnBadRow = BadRowPolicy.Skip }, _data["a.arrow"]);
        Assert.Equal(await skipping.Rows("id"), (await skipping.Rows("id", "text")).Select(row => row.Split('|')[0]));
        Assert.Equal(500, skipping.BadRows.Count + (await skipping.Rows("id")).Count);
    }

    [Theory]
    [InlineData("a.arrow", "not arrow at all")]
    [InlineData("a.arrow", "ARROW1\0\0 and then nothing of the kind")]
    [InlineData("a.arrow", "")]
    public async Task A_damaged_arrow_file_is_named(string name, string text)
    {
        var failure = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data.Write(name, text)));
        Assert.Contains("Arrow", failure.Message);
    }

    [Fact]
    public async Task A_truncated_arrow_file_is_named()
    {
        await WriteAsync("whole.arrow", RandomTable.Of(seed: 2, 1000), 1000, 1000);
        var bytes = await File.ReadAllBytesAsync(_data["whole.arrow"], Token);
        _data.Write("a.arrow", bytes[..(bytes.Length / 2)]);
        await Assert.ThrowsAsync<UnreadableDataException>(async () => await (await Reading.Open(_data["a.arrow"])).Rows());
    }

    async Task WriteAsync(string name, ColumnBatch rows, int batchRows, int count)
    {
        await using var sink = DataSinks.Create(_data[name], rows.Schema);
        var part = new BatchBuilder(rows.Schema);
        for (var start = 0; start < count; start += batchRows)
        {
            part.Clear();
            part.AppendRange(rows, start, Math.Min(batchRows, count - start));
            await sink.WriteAsync(part.Batch, Token);
        }

        await sink.CompleteAsync(Token);
    }

    static bool AreEqual(object? expected, object? found) =>
        expected is string[] list ? found is string[] other && list.SequenceEqual(other) : Equals(expected, found);
}

using System.Collections.Immutable;
using System.Text;

namespace Capstan.Data.DuckDb.Tests.Files;

public sealed class DataFilesTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Patterns_are_sorted_byte_by_byte_and_several_files_are_one_source()
    {
        foreach (var name in new[] { "b.csv", "a10.csv", "a9.csv", "B.csv", "c.txt" })
        {
            _data.Write(name, $"name\n{name}\n");
        }

        var source = await Reading.Open(_data["*.csv"], _data["c.txt"]);
        Assert.Equal(["B.csv", "a10.csv", "a9.csv", "b.csv", "c.txt"], await source.Rows());
        Assert.Equal(5, source.Splits.Count);
        Assert.Equal([_data["B.csv"], _data["c.txt"]], new[] { source.Splits[0].Name, source.Splits[4].Name });
        Assert.Equal(["a9.csv"], await (await Reading.Open(_data["a?.csv"])).Rows());
    }

    [Fact]
    public async Task Names_begin_in_the_folder_that_is_named_and_stay_as_they_were_written()
    {
        _data.Write("b.csv", "a\n2\n");
        _data.Write("a.csv", "a\n1\n");
        Directory.CreateDirectory(_data["year=2020"]);
        File.WriteAllText(_data["year=2020/c.csv"], "a\n3\n");
        var options = new ReadOptions { Folder = _data[""] };

        var source = await DataFiles.OpenAsync(["*.csv"], options, TestContext.Current.CancellationToken);
        var parts = await DataFiles.OpenAsync(["year=2020"], options, TestContext.Current.CancellationToken);
        var whole = await DataFiles.OpenAsync([_data["b.csv"]], options, TestContext.Current.CancellationToken);
        var missing = await Assert.ThrowsAsync<UnreadableDataException>(
            () => DataFiles.OpenAsync(["none.csv"], options, TestContext.Current.CancellationToken));

        Assert.Equal(["a.csv", "b.csv"], source.Files);
        Assert.Equal(["1", "2"], await source.Rows());
        Assert.Equal(["year=2020/c.csv"], parts.Files);
        Assert.Equal(["a", "year"], parts.Schema.Names);
        Assert.Equal([_data["b.csv"]], whole.Files);
        Assert.Contains(_data["none.csv"], missing.Message);
    }

    [Theory]
    [InlineData("it's [1] *?.csv")]
    [InlineData("year=2020.csv")]
    public async Task Odd_file_names_are_names(string name)
    {
        Assert.Equal(["1"], await (await Reading.Open(_data.Write(name, "a\n1\n"))).Rows());
        File.Copy(_data.WriteParquet("plain.parquet", "SELECT 2 AS a"), _data[$"{name}.parquet"]);
        _data.WriteParquet("other.parquet", "SELECT 3 AS a");
        Assert.Equal(["2"], await (await Reading.Open(_data[$"{name}.parquet"])).Rows());
    }

    [Fact]
    public async Task Files_of_several_formats_with_columns_in_another_order_agree()
    {
        _data.Write("a.csv", "x,name\n1,a\n");
        _data.Write("b.jsonl", "{\"name\":\"b\",\"x\":2.5}\n");
        _data.WriteParquet("c.parquet", "SELECT 'c' AS name, CAST(3 AS SMALLINT) AS x");
        _data.Write("d.csv", "name;x\nd;\n");
        var source = await Reading.Open(_data["a.csv"], _data["b.jsonl"], _data["c.parquet"], _data["d.csv"]);
        Assert.Equal("x: number, name: text", source.Schema.ToString());
        Assert.Equal(["1|a", "2.5|b", "3|c", "·|d"], await source.Rows());
    }

    [Theory]
    [InlineData("a,c\n1,2\n", "lacks the column 'b'")]
    [InlineData("a,b,c\n1,2,3\n", "has a column 'c'")]
    [InlineData("a,b\n1,text\n", "column 'b' is text here and int in")]
    public async Task Files_that_disagree_are_named_with_the_column(string text, string expected)
    {
        var first = _data.Write("first.csv", "a,b\n1,2\n");
        var second = _data.Write("second.csv", text);
        var problem = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(first, second));
        Assert.Equal(second, problem.File);
        Assert.Contains(expected, problem.Message);
        Assert.Contains(first, problem.Message);
    }

    [Fact]
    public async Task A_declared_type_settles_a_disagreement()
    {
        var options = new ReadOptions { Types = ImmutableDictionary.Create<string, DataType>().Add("b", DataType.Text) };
        Assert.Equal(["2", "x"],
            await (await Reading.Open(options, _data.Write("a.csv", "b\n2\n"), _data.Write("b.csv", "b\nx\n"))).Rows());
    }

    [Theory]
    [InlineData("missing.csv", null, "there is no such file")]
    [InlineData("*.csv", null, "no file matches")]
    [InlineData("nowhere/*.csv", null, "there is no folder")]
    [InlineData("a.xlsx", "x", "'.xlsx' tells no format")]
    [InlineData("a.csv", "", "it is empty")]
    [InlineData("a.csv", "\n\n", "only empty lines")]
    [InlineData("a.csv", "a,b\n", "no rows")]
    [InlineData("a.csv", "a,a\n1,2\n", "names column 'a' 2 times")]
    [InlineData("a.csv", "1,2.5\n3,4\n", "holds numbers, not names")]
    [InlineData("a.csv", "PAR1xxxx", "it is a Parquet file")]
    [InlineData("a.csv", "a,b\r1,2\r", "carriage returns")]
    [InlineData("a.csv", "title of the sheet\na,b\n1,2\n", "none of the first 2 rows")]
    [InlineData("a.csv", "\"a,b\n1,2\n", "header line can't be read")]
    [InlineData("a.csv", "a\0b,c\n1,2\n", "binary data")]
    [InlineData("a.csv.gz", "\u001f\u008bnot gzip at all", "")]
    [InlineData("a.parquet", "", "it is empty")]
    [InlineData("a.parquet", "a,b\n1,2\n", "no Parquet file")]
    public async Task What_can_not_be_read_is_named_with_what_to_do(string name, string? text, string expected)
    {
        if (text is not null)
        {
            _data.Write(name, Encoding.Latin1.GetBytes(text));
        }

        var problem = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data[name]));
        Assert.Equal(_data[name], problem.File);
        Assert.StartsWith($"{_data[name]}: ", problem.Message);
        Assert.Contains(expected, problem.Message);
    }

    [Fact]
    public async Task Other_encodings_are_said()
    {
        var utf16 = _data.Write("a.csv", [0xff, 0xfe, .. Encoding.Unicode.GetBytes("a,b\n1,2\n")]);
        Assert.Contains("UTF-16", (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(utf16))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => Reading.Open());
        Assert.Contains("SampleRows",
            (await Assert.ThrowsAsync<ArgumentException>(() => Reading.Open(new ReadOptions { SampleRows = 0 }, utf16))).Message);
    }

    [Fact]
    public async Task Truncated_and_damaged_files_are_said()
    {
        var whole = await File.ReadAllBytesAsync(
            _data.WriteParquet("a.parquet", "SELECT i, hash(i) AS h FROM range(100000) t(i)"),
            TestContext.Current.CancellationToken);
        var truncated = _data.Write("truncated.parquet", whole[..(whole.Length / 2)]);
        Assert.Contains("truncated", (await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(truncated))).Message);

        for (var position = 1000; position < 3000; position++)
        {
            whole[position] ^= 0x5a;
        }

        var damaged = await Reading.Open(_data.Write("damaged.parquet", whole));
        Assert.Contains("damaged", (await Assert.ThrowsAsync<UnreadableDataException>(() => damaged.Rows())).Message);

        var zipped = await File.ReadAllBytesAsync(
            _data.WriteGzip("a.csv.gz", "a\n" +
                string.Concat(Enumerable.Range(0, 100_000).Select(row => $"{row * 7919 % 10007}\n"))),
            TestContext.Current.CancellationToken);
        var broken = await Reading.Open(new ReadOptions { SampleRows = 1000 },
            _data.Write("broken.csv.gz", zipped[..(zipped.Length / 2)]));
        Assert.Contains("truncated", (await Assert.ThrowsAsync<UnreadableDataException>(() => broken.Rows())).Message);
    }

    [Fact]
    public async Task A_file_changed_after_opening_is_refused()
    {
        var source = await Reading.Open(_data.Write("a.csv", "a\n1\n"));
        _data.Write("a.csv", "a\n1\n2\n");
        Assert.Contains("changed", (await Assert.ThrowsAsync<UnreadableDataException>(() => source.Rows())).Message);
        File.Delete(_data["a.csv"]);
        Assert.Contains("removed", (await Assert.ThrowsAsync<UnreadableDataException>(() => source.Rows())).Message);
    }

    [Fact]
    public async Task Fingerprints_follow_content_names_and_schema()
    {
        var path = _data.Write("a.csv", "a\n1\n");
        var before = (await Reading.Open(path)).Fingerprint;
        Assert.StartsWith("files:", before);
        Assert.Equal(before, (await Reading.Open(path)).Fingerprint);
        var typed = new ReadOptions { Types = ImmutableDictionary.Create<string, DataType>().Add("a", DataType.Text) };
        Assert.NotEqual(before, (await Reading.Open(typed, path)).Fingerprint);
        var time = File.GetLastWriteTimeUtc(path);
        _data.Write("a.csv", "a\n2\n");
        File.SetLastWriteTimeUtc(path, time);
        Assert.NotEqual(before, (await Reading.Open(path)).Fingerprint);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("parquet")]
    public async Task Cancelling_ends_a_reading_between_batches(string format)
    {
        _data.Write("a.csv", "a\n" + string.Concat(Enumerable.Range(0, 30_000).Select(row => $"{row}\n")));
        _data.Write("a.jsonl", string.Concat(Enumerable.Range(0, 30_000).Select(row => $"{{\"a\":{row}}}\n")));
        _data.WriteParquet("a.parquet", "SELECT i AS a FROM range(30000) t(i)");
        var source = await Reading.Open(_data[$"a.{format}"]);
        using var stop = new CancellationTokenSource();
        var batches = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in source.ReadAllAsync(["a"], stop.Token))
            {
                batches++;
                await stop.CancelAsync();
            }
        });
        Assert.Equal(1, batches);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            DataFiles.OpenAsync([_data[$"a.{format}"]], new ReadOptions(), stop.Token));
    }

    [Fact]
    public async Task Unknown_columns_are_refused_and_no_columns_are_no_batches()
    {
        var source = await Reading.Open(_data.Write("a.csv", "a\n1\n"));
        await Assert.ThrowsAsync<UnknownColumnException>(() => source.Rows("b"));
        await foreach (var batch in source.ReadAllAsync([], TestContext.Current.CancellationToken))
        {
            Assert.Fail($"{batch.RowCount} rows of no columns came");
        }
    }
}

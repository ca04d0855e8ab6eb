using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.BadRows;

public sealed class BadRowTests : IDisposable
{
    const string Text =
        "a,b,c\n" +
        "1,1.5,x\n" +
        "\n" +
        "2,\"2.5\",\"two\nlines\"\n" +
        "3,abc,w\n" +
        "4,4.5,q,EXTRA\n" +
        "5,6\n" +
        "1.5,7,k\n" +
        "8,9,\"unclosed\n" +
        "9,10,caf\xe9\n" +
        "10,11,\"z\"z\n" +
        "11,12,fine\n" +
        "12,13,fine\n";

    static readonly ReadOptions Typed = new()
    {
        Types = new Dictionary<string, DataType> { ["a"] = DataType.Int64, ["b"] = DataType.Float64 }.ToImmutableDictionary(),
    };

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    string Write() => _data.Write("bad.csv", System.Text.Encoding.Latin1.GetBytes(Text));

    [Theory]
    [InlineData("a,b\n1,2\n3,x\n", 3, "b", "x", "a number")]
    [InlineData("a,b\n1,\"2\"\n\n1.5,2\n", 4, "a", "1.5", "an integer of 64 bits (or declare the column as number or text)")]
    [InlineData("a,b\n0x10,2\n", 2, "a", "0x10", "an integer")]
    [InlineData("a,b\n99999999999999999999,2\n", 2, "a", "99999999999999999999", "an integer of 64 bits")]
    [InlineData("a,b\n1,2\n1,2,3\n", 3, null, "1,2,3", "2 fields, as the header has; the row has 3")]
    [InlineData("a,b\n1,2\n1\n", 3, null, "1", "2 fields, as the header has; the row has 1")]
    [InlineData("a,b\n1,2\n1,\"2\n3,4\n", 3, null, "1,\"2", "a closing quote")]
    public async Task Failing_says_file_line_column_found_and_expected(string text, long line, string? column, string found,
        string expected)
    {
        var path = _data.Write("a.csv", text);
        var source = await Reading.Open(Typed, path);
        var bad = await Assert.ThrowsAsync<BadRowException>(() => source.Rows());
        Assert.Equal((path, line, column, found), (bad.File, bad.LineNumber, bad.Column, bad.Found));
        Assert.StartsWith(expected, bad.Expected);
        Assert.Contains($"{path}, line {line}", bad.Message);
    }

    [Fact]
    public async Task Skipped_rows_are_counted_with_examples_whatever_is_asked_for()
    {
        var source = await Reading.Open(Typed with { OnBadRow = BadRowPolicy.Skip }, Write());
        Assert.Equal(0, source.BadRows.Count);
        foreach (var columns in new string[][] { ["a", "b", "c"], ["c"], ["a"] })
        {
            Assert.Equal(4, (await source.Rows(columns)).Count);
            var file = Assert.Single(source.BadRows.Files);
            Assert.Equal((_data["bad.csv"], 7), (file.File, file.Count));
            Assert.Equal(
                [(6, "b", "abc"), (7, null, "4,4.5,q,EXTRA"), (8, null, "5,6"), (9, "a", "1.5"), (10, null, "8,9,\"unclosed")],
                file.Examples.Select(bad => (bad.LineNumber, bad.Column, bad.Found)));
        }

        Assert.Equal(["1|1.5|x", "2|2.5|two\nlines", "11|12|fine", "12|13|fine"], await source.Rows());
        Assert.Contains("7 rows left out", source.BadRows.ToString());
    }

    [Fact]
    public async Task Quarantined_rows_are_kept_as_they_were_once()
    {
        var quarantine = _data["broken.csv"];
        var source = await Reading.Open(Typed with { OnBadRow = BadRowPolicy.Quarantine(quarantine) }, Write());
        await File.WriteAllTextAsync(quarantine, "earlier\n", TestContext.Current.CancellationToken);
        await source.Rows();
        await source.Rows("a");
        Assert.Equal(
            System.Text.Encoding.Latin1.GetBytes(
                "earlier\n3,abc,w\n4,4.5,q,EXTRA\n5,6\n1.5,7,k\n8,9,\"unclosed\n9,10,caf\xe9\n10,11,\"z\"z\n"),
            await File.ReadAllBytesAsync(quarantine));
        Assert.Equal([_data["bad.csv"], quarantine], Directory.GetFiles(_data.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_reading_broken_off_reports_and_quarantines_nothing()
    {
        var text = "a\n" + string.Concat(Enumerable.Range(0, 9000).Select(row => $"{row}\nx\n"));
        var options = Typed with
        {
            Types = Typed.Types.Remove("b"), OnBadRow = BadRowPolicy.Quarantine(_data["broken.csv"]),
        };
        var source = await Reading.Open(options, _data.Write("a.csv", text));
        await foreach (var batch in source.ReadAllAsync(["a"], TestContext.Current.CancellationToken))
        {
            Assert.Equal(8192, batch.RowCount);
            break;
        }

        Assert.Equal(0, source.BadRows.Count);
        Assert.Equal([_data["a.csv"]], Directory.GetFiles(_data.Path));
        Assert.Equal(9000, (await source.Rows()).Count);
        Assert.Equal(9000, source.BadRows.Count);
        Assert.Equal(9000, (await File.ReadAllLinesAsync(_data["broken.csv"], TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task A_quarantine_that_can_not_be_written_is_said()
    {
        var source = await Reading.Open(Typed with { OnBadRow = BadRowPolicy.Quarantine(_data["no/where.csv"]) }, Write());
        Assert.Equal(_data["no/where.csv"], (await Assert.ThrowsAsync<UnwritableFileException>(() => source.Rows())).File);
    }

    [Fact]
    public async Task A_fraction_beyond_the_sample_is_not_rounded()
    {
        var path = _data.Write("a.csv", "x\n" + string.Concat(Enumerable.Range(0, 5000).Select(row => $"{row}\n")) + "1.5\n");
        var source = await Reading.Open(new ReadOptions { SampleRows = 1000 }, path);
        Assert.Equal(DataType.Int64, source.Schema["x"].Type);
        var bad = await Assert.ThrowsAsync<BadRowException>(() => source.Rows());
        Assert.Equal((5002, "1.5"), (bad.LineNumber, bad.Found));
        Assert.Contains("declare the column as number", bad.Message);
    }

    [Fact]
    public async Task Latin1_text_is_a_bad_row()
    {
        var path = SharedData.File("movielens_small/movies.csv");
        var bad = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(path)).Rows());
        Assert.Equal(248, bad.LineNumber);
        Assert.Contains("iconv", bad.Expected);
        var source = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Skip }, path);
        Assert.Equal(9742, (await source.Rows()).Count + source.BadRows.Count);
        // Counted by Python's decoder.
        Assert.Equal(98, source.BadRows.Count);
    }

    [Fact]
    public async Task Json_lines_that_are_broken_are_told_alike()
    {
        var path = _data.Write("a.jsonl",
            "{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2,\"b\":\n{\"a\":\"q\",\"b\":\"y\"}\n{\"a\":4}\n[1]\n" +
            "{\"a\":5,\"a\":6}\n{\"b\":\"\\ud800\"}\n{\"a\":7} 8\n{\"a\":1.5}\n");
        var bad = await Assert.ThrowsAsync<BadRowException>(async () => await (await Reading.Open(path)).Rows());
        Assert.Equal((3, null, "{\"a\":2,\"b\":"), (bad.LineNumber, bad.Column, bad.Found));
        Assert.StartsWith("a JSON object (at byte 12 of the line: ", bad.Expected);

        var options = new ReadOptions
        {
            OnBadRow = BadRowPolicy.Quarantine(_data["broken.jsonl"]), Types = ImmutableDictionary.Create<string,
            DataType>().Add("a", DataType.Int64),
        };
        var source = await Reading.Open(options, path);
        Assert.Equal(["x|1", "·|4"], await source.Rows("b", "a"));
        Assert.Equal(
            "{\"a\":2,\"b\":\n{\"a\":\"q\",\"b\":\"y\"}\n[1]\n{\"a\":5,\"a\":6}\n{\"b\":\"\\ud800\"}\n{\"a\":7} 8\n{\"a\":1.5}\n",
            await File.ReadAllTextAsync(_data["broken.jsonl"], TestContext.Current.CancellationToken));
        Assert.Equal(
            [(3, null), (4, "a"), (6, null), (7, "a"), (8, null)],
            source.BadRows.Files[0].Examples.Select(example => (example.LineNumber, example.Column)));
    }

    [Fact]
    public async Task Parquet_cells_that_do_not_fit_a_declared_type_are_bad_rows()
    {
        var path = _data.WriteParquet("a.parquet",
            "SELECT i AS id, CASE WHEN i % 1000 = 7 THEN 'x' ELSE CAST(i AS VARCHAR) END AS n, i / 4 AS q FROM range(5000) t(i)");
        var types = new Dictionary<string, DataType> { ["n"] = DataType.Int64 }.ToImmutableDictionary();
        var bad = await Assert.ThrowsAsync<BadRowException>(async () =>
            await (await Reading.Open(new ReadOptions { Types = types }, path)).Rows());
        Assert.Equal((8, "n", "x"), (bad.LineNumber, bad.Column, bad.Found));

        var source = await Reading.Open(
            new ReadOptions { Types = types, OnBadRow = BadRowPolicy.Quarantine(_data["broken.jsonl"]) }, path);
        Assert.Equal(Enumerable.Range(0, 5000).Where(row => row % 1000 != 7).Select(row => $"{row}"), await source.Rows("id"));
        Assert.Equal([8L, 1008, 2008, 3008, 4008], source.BadRows.Files[0].Examples.Select(example => example.LineNumber));
        Assert.Equal("{\"row\":1008,\"n\":\"x\"}",
            (await File.ReadAllLinesAsync(_data["broken.jsonl"], TestContext.Current.CancellationToken))[1]);
    }
}

using System.Collections.Immutable;
using System.Text;

namespace Capstan.Data.DuckDb.Tests;

/// <summary>A text file in parts has the rows of the whole, whatever is in it and wherever the parts begin.</summary>
public sealed class TextPartsLaws : IDisposable
{
    static readonly string[] CsvPieces = ["a", "bc", "\"", "\"\"", ",", "\n", "\n", "\r\n", "\r", " ", "1", "ü", "\",\"", "\"\n"];

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Any_csv_text_in_parts_has_the_rows_and_the_bad_rows_of_the_whole()
    {
        var random = new Random(7);
        var parts = 0;
        for (var round = 0; round < 300; round++)
        {
            var text = new StringBuilder("x,y\n1,2\n");
            for (var piece = 0; piece < 150; piece++)
            {
                text.Append(CsvPieces[random.Next(CsvPieces.Length)]);
            }

            parts += await AssertSame(_data.Write("a.csv", text.ToString()), random.Next(3, 60));
        }

        Assert.InRange(parts, 1_000, 100_000);
    }

    [Fact]
    public async Task Records_over_many_lines_stay_whole()
    {
        var random = new Random(8);
        var text = new StringBuilder("x,y\r\n");
        for (var row = 0; row < 400; row++)
        {
            var lines = string.Join("\r\n", Enumerable.Range(0, random.Next(6)).Select(line => $"line {line}, \"\"so\"\""));
            text.Append($"{row},\"{lines}\"\r\n");
        }

        Assert.InRange(await AssertSame(_data.Write("a.csv", text.ToString()), 500), 10, 100);
    }

    [Fact]
    public async Task A_text_in_which_nothing_is_certain_is_one_part()
    {
        // Every line may start a record or go on with one: read from the inside, it leads into the inside of the next.
        var text = "x,y\n" + string.Concat(Enumerable.Repeat("\",\",\",\"\n", 500)) + "\"\n";
        Assert.Equal(1, await AssertSame(_data.Write("a.csv", text), 200));
    }

    [Fact]
    public async Task Json_lines_in_parts_have_the_rows_and_the_bad_rows_of_the_whole()
    {
        var random = new Random(9);
        var text = new StringBuilder("{\"x\": \"first\", \"y\": \"é\"}\n");
        for (var row = 0; row < 500; row++)
        {
            text.Append(random.Next(8) switch
            {
                0 => "\n",
                1 => "{\"x\": }\r\n",
                2 => "  {\"y\": \"a\\nb\"}\r\n",
                _ => $"{{\"x\": \"{new string('x', random.Next(40))}\"}}\n",
            });
        }

        Assert.InRange(await AssertSame(_data.Write("a.jsonl", text.ToString()), 100), 20, 400);
    }

    [Fact]
    public async Task A_compressed_file_is_one_part()
    {
        var path = _data.WriteGzip("a.csv.gz", "x,y\n" + string.Concat(Enumerable.Range(0, 5000).Select(row => $"{row * 7919},{row * row}\n")));
        Assert.Equal(1, await AssertSame(path, 100));
    }

    [Fact]
    public async Task The_first_bad_row_of_the_file_is_told_with_its_line()
    {
        var lines = Enumerable.Range(0, 900).Select(row => row is 700 or 800 ? "oops,1" : $"{row},1");
        var path = _data.Write("a.csv", "x,y\n" + string.Join('\n', lines));
        var source = await Reading.Open(new ReadOptions { TextPartBytes = 500 }, path);
        Assert.InRange(source.Splits.Count, 5, 20);
        var problem = await Assert.ThrowsAsync<BadRowException>(() => TableStatistics.OfAsync(
            source, ["x"], 4, null, TestContext.Current.CancellationToken));
        Assert.Equal((702, "oops"), (problem.LineNumber, problem.Found));
    }

    /// <summary>Compares a reading in parts with one of the whole; returns how many parts there were.</summary>
    static async Task<int> AssertSame(string path, long partBytes)
    {
        var options = new ReadOptions
        {
            OnBadRow = BadRowPolicy.Skip,
            Types = ImmutableDictionary<string, DataType>.Empty.Add("x", DataType.Text).Add("y", DataType.Text),
        };
        var whole = await Reading.Open(options, path);
        var parted = await Reading.Open(options with { TextPartBytes = partBytes }, path);
        Assert.Single(whole.Splits);
        Assert.Equal(await whole.Rows(), await parted.Rows());
        Assert.Equal(whole.BadRows.ToString(), parted.BadRows.ToString());
        Assert.Equal(whole.BadRows.Count, parted.BadRows.Count);
        return parted.Splits.Count;
    }
}

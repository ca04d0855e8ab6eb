using System.Text;

namespace Capstan.Data.DuckDb.Tests.BadRows;

/// <summary>Rows that no data should have cost themselves: no crash, no stall, no memory, and every other row is read.</summary>
public sealed class PoisonedRowTests : IDisposable
{
    const int Rows = 2000;

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("a.csv", (byte)'x', 100)]
    [InlineData("a.csv", (byte)',', 20)]
    [InlineData("a.csv", (byte)'"', 20)]
    [InlineData("a.jsonl", (byte)'x', 100)]
    [InlineData("a.jsonl", (byte)'[', 20)]
    public async Task A_line_of_100_MB_is_one_bad_row_and_takes_no_memory(string name, byte filling, int megabytes)
    {
        var isCsv = name == "a.csv";
        await using (var file = File.Create(_data[name]))
        {
            file.Write(Encoding.UTF8.GetBytes(isCsv ? "id,text\n" : ""));
            WriteGood(file, isCsv);
            file.Write(Encoding.UTF8.GetBytes(isCsv ? "5," : "{\"id\":5,\"text\":\""));
            var bytes = new byte[1_000_000];
            bytes.AsSpan().Fill(filling);
            for (var block = 0; block < megabytes; block++)
            {
                file.Write(bytes);
            }

            file.Write(Encoding.UTF8.GetBytes(isCsv ? "\n" : "\"}\n"));
            WriteGood(file, isCsv);
        }

        var source = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Skip, SampleRows = 1000 }, _data[name]);
        var (before, count) = (GC.GetAllocatedBytesForCurrentThread(), 0);
        await foreach (var batch in source.ReadAllAsync(["id", "text"], TestContext.Current.CancellationToken))
        {
            count += batch.RowCount;
        }

        // Decoding stays on this thread: twice the longest record, columns of a batch, and a message.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * TextWindow.MaxRecordBytes);
        Assert.Equal(2 * Rows, count);
        Assert.Equal(1, source.BadRows.Count);
        Assert.Contains("4,194,304 bytes", Assert.Single(source.BadRows.Files[0].Examples).Expected);
    }

    [Theory]
    [InlineData("1e308", "1E+308")]
    [InlineData("-1e308", "-1E+308")]
    [InlineData("1e309", "·")]
    [InlineData("NaN", "·")]
    [InlineData("-Infinity", "·")]
    public async Task A_number_is_finite_or_missing(string written, string read)
    {
        var path = _data.Write("a.csv", $"id,x\n1,0.5\n2,{written}\n");
        var options = new ReadOptions { OnBadRow = BadRowPolicy.Null };
        Assert.Equal(["1|0.5", $"2|{read}"], await (await Reading.Open(options, path)).Rows());
    }

    [Fact]
    public async Task Invalid_UTF8_costs_its_row()
    {
        var path = _data.Write("a.csv", [.. "id,text\n1,a\n2,"u8, 0xff, 0xfe, .. "\n3,c\n"u8]);
        var source = await Reading.Open(new ReadOptions { OnBadRow = BadRowPolicy.Null }, path);
        Assert.Equal(["1|a", "3|c"], await source.Rows());
        Assert.Equal(1, source.BadRows.Count);
    }

    [Fact]
    public async Task A_row_of_millions_of_fields_is_one_bad_row_and_such_a_header_is_refused()
    {
        var commas = new string(',', TextWindow.MaxRecordBytes - 1000);
        var source = await Reading.Open(
            new ReadOptions { OnBadRow = BadRowPolicy.Skip }, _data.Write("a.csv", $"a,b\n1,2\n{commas}\n3,4\n"));
        Assert.Equal(["1|2", "3|4"], await source.Rows());
        var failure = await Assert.ThrowsAsync<UnreadableDataException>(() => Reading.Open(_data.Write("b.csv", $"{commas}\n1,2\n")));
        Assert.Contains("65,536 columns", failure.Message);
    }

    static void WriteGood(Stream file, bool isCsv)
    {
        for (var row = 0; row < Rows; row++)
        {
            file.Write(Encoding.UTF8.GetBytes(isCsv ? $"{row},t\n" : $"{{\"id\":{row},\"text\":\"t\"}}\n"));
        }
    }
}

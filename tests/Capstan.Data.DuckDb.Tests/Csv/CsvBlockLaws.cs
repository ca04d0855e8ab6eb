using System.Text;

namespace Capstan.Data.DuckDb.Tests.Csv;

/// <summary>Records cut many at a time are those of the reference, wherever they lie and whatever is in them.</summary>
public sealed class CsvBlockLaws : IDisposable
{
    static readonly string[] Odd = ["\"", "\"\"", "\n", "\r", "\r\n", "\0", "ü", "\xff", "\",\"", "\"\n\"", "a\"b", "\"x\"y", ",", ";", "'", "\t"];

    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1, ',', '"', "\n")]
    [InlineData(2, ',', '"', "\r\n")]
    [InlineData(3, ';', '\'', "\n")]
    [InlineData(4, '\t', '"', "\r\n")]
    [InlineData(5, '|', '\'', "\n")]
    public void Any_text_is_cut_as_by_the_reference(int seed, char delimiter, char quote, string lineBreak)
    {
        var random = new Random(seed);
        var cut = 0;
        for (var round = 0; round < 400; round++)
        {
            var columns = random.Next(1, 6);
            var text = RandomText(random, columns, delimiter, quote, lineBreak, oddPerMille: round % 4 * 10);
            var dialect = new CsvDialect((byte)delimiter, (byte)quote);
            var end = random.Next(3) == 0 ? random.Next(text.Length + 1) : long.MaxValue;
            var expected = Records(text, dialect, columns, end, null, ref cut);
            Assert.Equal(expected, Records(text, dialect, columns, end, random, ref cut));
        }

        // Most records have nothing odd about them, and these must not be left to the reference.
        Assert.InRange(cut, 5_000, 1_000_000);
    }

    [Fact]
    public void Regular_records_are_cut_up_to_the_last_64_bytes()
    {
        var text = string.Concat(Enumerable.Range(0, 200).Select(row => $"{row},\"a \"\"b\"\", {row}\",ü\r\n"));
        var bytes = Encoding.UTF8.GetBytes(text);
        var block = new CsvBlock(new CsvDialect((byte)',', (byte)'"'), 3);
        block.Cut(bytes, long.MaxValue, 1000);
        Assert.InRange(block.LengthOf(block.Rows).Bytes, bytes.Length - 2 * 64, bytes.Length);
        Assert.Equal(block.Rows, block.ValidRows);
    }

    [Theory]
    [InlineData(1, "skip")]
    [InlineData(2, "null")]
    [InlineData(3, "fail")]
    [InlineData(4, "quarantine")]
    public async Task Files_are_read_as_by_the_reference(int seed, string policy)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            // Long enough for reads of the window to end within records, in some of which something is wrong.
            var rows = round % 5 == 0 ? 20_000 : 300;
            var path = _data.Write("a.csv", Encoding.Latin1.GetBytes(RandomTable(random, rows, policy == "fail" ? 0 : round % 3 * 5)));
            var expected = await ReadAsync(path, policy, readsBlocks: false);
            Assert.Equal(expected, await ReadAsync(path, policy, readsBlocks: true));
        }
    }

    [Theory]
    [InlineData("x", "1 2")]
    [InlineData("x", "\"1\"\"2\"")]
    [InlineData("when", "2001-13-01")]
    [InlineData("truth", "maybe")]
    public async Task The_first_bad_row_is_told_as_by_the_reference(string column, string cell)
    {
        var lines = Enumerable.Range(0, 3000).Select(row => string.Join(',', ((string[])["whole", "x", "truth", "when"]).Select(name =>
            name == column && row is 2000 or 2500 && name == column ? cell : name switch { "truth" => "true", "when" => "2001-02-03", _ => $"{row}" })));
        var path = _data.Write("a.csv", "whole,x,truth,when\n" + string.Join('\n', lines));
        var expected = await ReadAsync(path, "fail", readsBlocks: false);
        Assert.StartsWith("BadRow", expected);
        Assert.Contains("line 2,002", expected);
        Assert.Equal(expected, await ReadAsync(path, "fail", readsBlocks: true));
    }

    /// <summary>Line, end, and the fields or the fault of every record.</summary>
    /// <param name="random">Null: by the reference alone; otherwise some by blocks.</param>
    static List<string> Records(byte[] text, CsvDialect dialect, int columns, long end, Random? random, ref int cut)
    {
        using var records = new CsvRecords(new TextWindow(new MemoryStream(text), "test"), dialect, end) { KeepsEmptyLines = columns == 1 };
        var block = new CsvBlock(dialect, columns);
        var found = new List<string>();
        while (true)
        {
            if (random is not null)
            {
                var unread = records.Cut(block, random.Next(1, 40));
                var rows = random.Next(4) == 0 ? random.Next(block.ValidRows + 1) : block.ValidRows;
                for (var row = 0; row < rows; row++)
                {
                    found.Add(Fields(unread, row));
                }

                records.Pass(block, rows);
                cut += rows;
            }

            if (!records.MoveNext())
            {
                return found;
            }

            found.Add(records.Fault == CsvFault.None && records.FieldCount == columns
                ? string.Join('|', Enumerable.Range(0, columns).Select(column => Encoding.UTF8.GetString(records.Field(column))))
                : $"line {records.LineNumber} to {records.EndPosition}: {records.Fault} {Encoding.Latin1.GetString(records.Raw)}");
        }

        string Fields(ReadOnlySpan<byte> unread, int row)
        {
            var fields = new string[columns];
            for (var column = 0; column < columns; column++)
            {
                fields[column] = Encoding.UTF8.GetString(block.FieldOf(block.PieceAt(unread, row, column), unread));
            }

            return string.Join('|', fields);
        }
    }

    static byte[] RandomText(Random random, int columns, char delimiter, char quote, string lineBreak, int oddPerMille)
    {
        var text = new StringBuilder();
        for (var record = random.Next(80); record >= 0; record--)
        {
            for (var column = 0; column < columns; column++)
            {
                text.Append(column > 0 ? delimiter : "").Append(Field(random, quote, oddPerMille));
            }

            text.Append(random.Next(1000) < oddPerMille ? $"{delimiter}" : "").Append(record > 0 || random.Next(2) == 0 ? lineBreak : "");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    static string Field(Random random, char quote, int oddPerMille)
    {
        var content = new string((char)random.Next('a', 'e'), random.Next(9)) + (random.Next(6) == 0 ? "Ã¼" : "");
        if (random.Next(1000) < oddPerMille)
        {
            content = content.Insert(random.Next(content.Length + 1), Odd[random.Next(Odd.Length)]);
        }

        return random.Next(5) switch
        {
            0 => $"{quote}{content}{quote}{quote}, {content}\r\n{quote}{quote}{quote}",
            1 => $"{quote}{content}{quote}",
            _ => content,
        };
    }

    static string RandomTable(Random random, int rows, int badPerMille)
    {
        var text = new StringBuilder("whole,x,truth,when,text\n");
        for (var row = 0; row < rows; row++)
        {
            var isBad = random.Next(1000) < badPerMille;
            var whole = isBad && random.Next(4) == 0 ? "12x" : $"{random.Next(-9999, 99999)}";
            var x = random.Next(20) == 0 ? "" : isBad && random.Next(3) == 0 ? "1,5" : FormattableString.Invariant($"{Math.Round(random.NextDouble() * 1e4, 3)}");
            var text5 = random.Next(4) == 0 ? $"\"{row}\"\"\n\"" : isBad && random.Next(3) == 0 ? "\xff" : new string('t', random.Next(40));
            text.Append($"{whole},{x},{(random.Next(2) == 0 ? "true" : "F")},2001-02-{random.Next(10, 29)} 10:11:12,{text5}\n");
        }

        return text.ToString();
    }

    /// <summary>All rows and what was found wrong, or how reading ended.</summary>
    async Task<string> ReadAsync(string path, string policy, bool readsBlocks)
    {
        var quarantine = _data["quarantine"];
        File.Delete(quarantine);
        var options = new ReadOptions
        {
            ReadsBlocks = readsBlocks,
            MissingTexts = ["tt"],
            OnBadRow = policy switch
            {
                "skip" => BadRowPolicy.Skip, "null" => BadRowPolicy.Null, "fail" => BadRowPolicy.Fail, _ => BadRowPolicy.Quarantine(quarantine),
            },
        };
        var source = await Reading.Open(options, path);
        try
        {
            var rows = string.Join('\n', (await source.Rows()).Concat(await source.Rows("x", "text")));
            return $"{rows}\n{source.BadRows.Count} {source.BadRows}" + (File.Exists(quarantine) ? File.ReadAllText(quarantine) : "");
        }
        catch (BadRowException problem)
        {
            return $"BadRow {problem.Message}";
        }
    }
}

using System.Text;

namespace Capstan.Data.DuckDb.Tests.Csv;

public sealed class CsvRecordsTests
{
    /// <summary>Each record as its line, its fault if it has one, and its fields.</summary>
    static List<string> Cut(string text, int readBytes = int.MaxValue)
    {
        using var records = new CsvRecords(new TextWindow(new Drip(Encoding.Latin1.GetBytes(text), readBytes), "test"),
            new CsvDialect((byte)',', (byte)'"'));
        var cut = new List<string>();
        while (records.MoveNext())
        {
            var fields = Enumerable.Range(0, records.FieldCount).Select(index => Encoding.UTF8.GetString(records.Field(index)));
            cut.Add($"{records.LineNumber}:" + (records.Fault == CsvFault.None
                ? string.Join("|", fields)
                : $"{records.Fault} {Encoding.UTF8.GetString(records.Raw)}"));
        }

        return cut;
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "1:a")]
    [InlineData("a,b\n", "1:a|b")]
    [InlineData("a,b\r\nc,d\r\n", "1:a|b 2:c|d")]
    [InlineData(",\n,", "1:| 2:|")]
    [InlineData("\n\na\n\nb", "3:a 5:b")]
    [InlineData("\"a\"\"b\",\"\"\n", "1:a\"b|")]
    [InlineData("\"a\nb\r\nc\",d\ne", "1:a\nb\r\nc|d 4:e")]
    [InlineData("5\" pipe,6\"\n", "1:5\" pipe|6\"")]
    [InlineData("a,\"b\"\r", "1:a|b")]
    [InlineData("\"a\",\"b\nc\",d\r\ne", "1:a|b\nc|d 3:e")]
    public void Text_is_cut_as_RFC_4180_says(string text, string expected)
    {
        Assert.Equal(expected, string.Join(" ", Cut(text)));
        Assert.Equal(expected, string.Join(" ", Cut(text, readBytes: 1)));
    }

    [Theory]
    [InlineData("a\n\"b\nc\nd", "1:a 2:UnclosedQuote \"b 3:c 4:d")]
    [InlineData("\"a\"b,c\nd", "1:TextAfterQuote \"a\"b,c 2:d")]
    [InlineData("\"a\nb\"c\nd", "1:TextAfterQuote \"a 2:b\"c 3:d")]
    [InlineData("a,\xff\nb", "1:NotUtf8")]
    public void A_broken_record_costs_its_line_only(string text, string start)
    {
        var cut = Cut(text);
        Assert.StartsWith(start, string.Join(" ", cut));
        Assert.EndsWith(text[^1..], cut[^1]);
        Assert.Equal(cut, Cut(text, readBytes: 1));
    }

    [Fact]
    public void An_endless_line_is_given_up_in_bounded_memory()
    {
        var text = "a,b\n" + new string('x', TextWindow.MaxRecordBytes * 2) + "\nc,d\n\"" +
            new string('y', TextWindow.MaxRecordBytes + 10) + "\ne,f\n";
        Assert.Equal(["1:a|b", "2:TooLong ", "3:c|d", "4:TooLong ", "5:e|f"], Cut(text));
    }

    [Fact]
    public void Any_fields_written_with_quotes_are_cut_alike_however_the_bytes_arrive()
    {
        var random = new Random(11);
        string[] pieces = ["a", "bc", "\"", ",", "\n", "\r\n", "\r", " ", "1"];
        for (var round = 0; round < 500; round++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Enumerable.Range(0, random.Next(1, 4)).Select(
                _ => string.Concat(
                    Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]))).ToArray()).ToList();
            var text = string.Concat(
                rows.Select(row => string.Join(",", row.Select(field => $"\"{field.Replace("\"", "\"\"")}\"")) + "\n"));
            var expected = rows.Select(row => string.Join("|", row)).ToList();
            foreach (var readBytes in new[] { 1, 3, 1000 })
            {
                Assert.Equal(expected, Cut(text, readBytes).Select(record => record[(record.IndexOf(':') + 1)..]));
            }
        }
    }

    /// <summary>A stream that gives a few bytes at a time.</summary>
    sealed class Drip(byte[] bytes, int readBytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, readBytes)]);
    }
}

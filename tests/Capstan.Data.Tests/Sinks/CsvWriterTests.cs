using System.Text;

namespace Capstan.Data.Tests.Sinks;

public sealed class CsvWriterTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-sinks-").FullName;

    string Target => Path.Combine(_folder, "out.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Values_are_written_as_RFC_4180_says()
    {
        var schema = new Schema(
        [
            new("id", DataType.Int64), new("a \"b\", c", DataType.Float64), new("flag", DataType.Boolean),
            new("text", DataType.Text),
            new("at", DataType.Timestamp),
        ]);
        var builder = new BatchBuilder(schema);
        Append(builder, 1, 0.1, true, "plain", 0);
        Append(builder, -2, 1e-300, false, "a,b", 1);
        Append(builder, 3, 5, true, "say \"hi\"\r\nbye", Timestamps.MicrosecondsPerDay + 60_000_000);
        Append(builder, 4, 0, true, " spaced ", 0);
        foreach (var column in builder.Columns)
        {
            column.AppendMissing();
        }

        await Write(schema, builder.Batch);
        Assert.Equal(
            "id,\"a \"\"b\"\", c\",flag,text,at\n" +
            "1,0.1,true,plain,1970-01-01\n" +
            "-2,1E-300,false,\"a,b\",1970-01-01T00:00:00.000001\n" +
            "3,5,true,\"say \"\"hi\"\"\r\nbye\",1970-01-02T00:01:00\n" +
            "4,0,true,\" spaced \",1970-01-01\n" +
            ",,,,\n", await File.ReadAllTextAsync(Target));
    }

    [Fact]
    public async Task A_list_is_a_JSON_array_in_its_field()
    {
        await Write(Batches.Lists.Schema, Batches.Lists);
        Assert.Equal(
            "n,tags\n" +
            "1,\"[\"\"a\"\",\"\"é,\\\"\"b\\\"\"\"\"]\"\n" +
            "2,[]\n" +
            "3,\n" +
            "4,\"[\"\"\"\"]\"\n", await File.ReadAllTextAsync(Target));
    }

    [Fact]
    public async Task A_missing_value_alone_on_its_line_stands_in_quotes()
    {
        var schema = new Schema([new("x", DataType.Float64)]);
        var builder = new BatchBuilder(schema);
        builder.Columns[0].AppendMissing();
        await Write(schema, builder.Batch);
        Assert.Equal("x\n\"\"\n", await File.ReadAllTextAsync(Target));
    }

    [Fact]
    public async Task No_rows_leave_a_header()
    {
        await Write(Batches.AllTypes, new BatchBuilder(Batches.AllTypes).Batch);
        Assert.Equal("id,x,flag,name,at\n", await File.ReadAllTextAsync(Target));
    }

    [Fact]
    public async Task Another_schema_is_refused()
    {
        await using var writer = new CsvWriter(Target, new Schema([new("x", DataType.Float64)]));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await writer.WriteAsync(Batches.Random(1, 3), CancellationToken.None));
    }

    async Task Write(Schema schema, params ColumnBatch[] batches)
    {
        await using var writer = new CsvWriter(Target, schema);
        foreach (var batch in batches)
        {
            await writer.WriteAsync(batch, CancellationToken.None);
        }

        await writer.CompleteAsync(CancellationToken.None);
    }

    static void Append(BatchBuilder builder, long id, double number, bool flag, string text, long time)
    {
        builder.Columns[0].Append(id);
        builder.Columns[1].Append(number);
        builder.Columns[2].Append(flag);
        builder.Columns[3].Append(Encoding.UTF8.GetBytes(text));
        builder.Columns[4].Append(time);
    }
}

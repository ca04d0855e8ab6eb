namespace Capstan.Data.Tests.Sinks;

public sealed class JsonLinesWriterTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-sinks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_row_is_an_object_on_its_line()
    {
        var path = Path.Combine(_folder, "out.jsonl");
        var builder = new BatchBuilder(Batches.AllTypes);
        builder.Columns[0].Append(-1L);
        builder.Columns[1].Append(0.1);
        builder.Columns[2].Append(true);
        builder.Columns[3].Append("<é\n\"x\">");
        builder.Columns[4].Append(1_500_000L);
        foreach (var column in builder.Columns)
        {
            column.AppendMissing();
        }

        await using (var writer = new JsonLinesWriter(path, Batches.AllTypes))
        {
            await writer.WriteAsync(builder.Batch, CancellationToken.None);
            await writer.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(
            "{\"id\":-1,\"x\":0.1,\"flag\":true,\"name\":\"<é\\n\\\"x\\\">\",\"at\":\"1970-01-01T00:00:01.5\"}\n" +
            "{\"id\":null,\"x\":null,\"flag\":null,\"name\":null,\"at\":null}\n", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_list_is_an_array()
    {
        var path = Path.Combine(_folder, "out.jsonl");
        await using (var writer = new JsonLinesWriter(path, Batches.Lists.Schema))
        {
            await writer.WriteAsync(Batches.Lists, CancellationToken.None);
            await writer.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(
            "{\"n\":1,\"tags\":[\"a\",\"é,\\\"b\\\"\"]}\n" +
            "{\"n\":2,\"tags\":[]}\n" +
            "{\"n\":3,\"tags\":null}\n" +
            "{\"n\":4,\"tags\":[\"\"]}\n", await File.ReadAllTextAsync(path));
    }
}

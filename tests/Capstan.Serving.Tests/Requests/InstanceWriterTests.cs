using System.Buffers;
using System.Text;
using Capstan.Data;

namespace Capstan.Serving.Tests.Requests;

public sealed class InstanceWriterTests
{
    static readonly Schema Columns = new([new("n", DataType.Int64), new("tags", DataType.TextList)]);

    [Fact]
    public void Lists_are_written_as_a_client_would_send_them()
    {
        var (rows, body) = (SomeRows(), new ArrayBufferWriter<byte>());
        InstanceWriter.Write(rows, 1, 3, body);
        Assert.Equal(
            """{"instances":[{"n":1,"tags":[]},{"n":2,"tags":null},{"n":3,"tags":["","é,\"b\""]}]}""",
            Encoding.UTF8.GetString(body.WrittenSpan).Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_written_is_read_to_the_same_rows()
    {
        var (rows, body) = (SomeRows(), new ArrayBufferWriter<byte>());
        InstanceWriter.Write(rows, 0, rows.RowCount, body);
        var reader = new InstanceReader(Columns, new FieldPaths(Columns.Names));
        reader.Read(body.WrittenSpan);
        Assert.Equal(Enumerable.Range(0, 4).Select(row => Show(rows, row)), Enumerable.Range(0, 4).Select(row => Show(reader.Batch, row)));
    }

    static ColumnBatch SomeRows()
    {
        var builder = new BatchBuilder(Columns);
        foreach (var list in new string[]?[] { ["a", "a"], [], null, ["", "é,\"b\""] })
        {
            builder.Columns[0].Append((long)builder.Columns[0].Length);
            if (list is null)
            {
                builder.Columns[1].AppendMissing();
                continue;
            }

            foreach (var item in list)
            {
                builder.Columns[1].Items.Append(item);
            }

            builder.Columns[1].AppendList();
        }

        return builder.Batch;
    }

    static string Show(ColumnBatch batch, int row) =>
        $"{batch["n"].ValueAt(row)}: {(batch["tags"].ValueAt(row) is string[] list ? string.Concat(list.Select(item => $"<{item}>")) : "missing")}";
}

using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Models.Tests.Artifacts;

public sealed class BatchCodecTests
{
    static readonly Schema EveryType = new([.. Enum.GetValues<DataType>().Select(type => new Field(type.ToString(), type))]);

    [Fact]
    public void Rows_of_every_type_come_back_to_the_bit()
    {
        var builder = new BatchBuilder(EveryType);
        for (var row = 0; row < 50; row++)
        {
            foreach (var column in builder.Columns)
            {
                Append(column, row);
            }
        }

        var read = RoundTrip(builder.Batch);
        Assert.Equal(EveryType, read.Schema);
        Assert.Equal(Enumerable.Range(0, 50).Select(row => Show(builder.Batch, row)), Enumerable.Range(0, read.RowCount).Select(row => Show(read, row)));
    }

    [Fact]
    public void No_rows_are_no_rows() => Assert.Equal(0, RoundTrip(new BatchBuilder(EveryType).Batch).RowCount);

    /// <summary>Every seventh value missing; lists of none to three texts.</summary>
    static void Append(ColumnBuilder column, int row)
    {
        switch (column.Type)
        {
            case var _ when (row + (int)column.Type) % 7 == 0:
                column.AppendMissing();
                break;
            case DataType.Float64:
                column.Append(row * 0.1);
                break;
            case DataType.Boolean:
                column.Append(row % 2 == 0);
                break;
            case DataType.Text:
                column.Append(row % 5 == 0 ? "" : $"é{row}");
                break;
            case DataType.TextList:
                for (var item = 0; item < row % 4; item++)
                {
                    column.Items.Append(item == 2 ? "" : $"日{row + item}");
                }

                column.AppendList();
                break;
            default:
                column.Append(row * 1_234_567_890_123L);
                break;
        }
    }

    static ColumnBatch RoundTrip(ColumnBatch batch)
    {
        var writer = new CborWriter();
        BatchCodec.Write(writer, batch);
        return BatchCodec.Read(new CborReader(writer.Encode()));
    }

    static string Show(ColumnBatch batch, int row) => string.Join(
        '|', batch.Columns.Select(column => column.ValueAt(row) is string[] list ? $"[{string.Join(',', list)}]" : $"{column.ValueAt(row) ?? "missing"}"));
}

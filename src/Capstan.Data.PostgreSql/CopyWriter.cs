using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace Capstan.Data.PostgreSql;

/// <summary>Batches in the binary format of PostgreSQL's COPY, which <see cref="CopyReader"/> describes.</summary>
static class CopyWriter
{
    /// <summary>The signature, no flags, and no extension.</summary>
    public static ReadOnlyMemory<byte> Header { get; } = (byte[])[.. "PGCOPY\n"u8, 0xff, .. "\r\n"u8, .. new byte[9]];

    public static ReadOnlyMemory<byte> Trailer { get; } = new byte[] { 0xff, 0xff };

    /// <param name="narrow">[columns] Whether numbers and integers are written with 32 bits, which they have.</param>
    public static void Write(ColumnBatch batch, bool[] narrow, IBufferWriter<byte> output)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), (short)batch.Columns.Length);
            output.Advance(2);
            for (var index = 0; index < narrow.Length; index++)
            {
                Write(batch.Columns[index], row, narrow[index], output);
            }
        }
    }

    static void Write(Column column, int row, bool isNarrow, IBufferWriter<byte> output)
    {
        if (!column.IsPresent(row))
        {
            Begin(-1, 0, output);
            return;
        }

        switch (column.Type)
        {
            case DataType.Int64 when isNarrow:
                BinaryPrimitives.WriteInt32BigEndian(Begin(4, 4, output), checked((int)column.Int64s[row]));
                break;
            case DataType.Float64 when isNarrow:
                BinaryPrimitives.WriteSingleBigEndian(Begin(4, 4, output), (float)column.Float64s[row]);
                break;
            case DataType.Int64:
                BinaryPrimitives.WriteInt64BigEndian(Begin(8, 8, output), column.Int64s[row]);
                break;
            case DataType.Timestamp:
                BinaryPrimitives.WriteInt64BigEndian(Begin(8, 8, output), column.Int64s[row] - CopyReader.Year2000);
                break;
            case DataType.Float64:
                BinaryPrimitives.WriteDoubleBigEndian(Begin(8, 8, output), column.Float64s[row]);
                break;
            case DataType.Boolean:
                Begin(1, 1, output)[0] = column.BooleanAt(row) ? (byte)1 : (byte)0;
                break;
            case DataType.Text:
                var text = column.TextAt(row);
                text.CopyTo(Begin(text.Length, text.Length, output));
                break;
            case DataType.TextList:
                TextArray.Write(column, row, output);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Writes a field's length and makes room for its bytes.</summary>
    static Span<byte> Begin(int length, int bytes, IBufferWriter<byte> output)
    {
        var field = output.GetSpan(4 + bytes);
        BinaryPrimitives.WriteInt32BigEndian(field, length);
        output.Advance(4 + bytes);
        return field.Slice(4, bytes);
    }
}

using System.Buffers;
using System.Buffers.Binary;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// An array of texts in PostgreSQL's binary form: the number of dimensions, whether nulls may come, the type of the items, each
/// dimension's size and first index, then the items, each with its length before it (array_send in the server's sources).
/// </summary>
static class TextArray
{
    const int TextType = 25;
    const int HeaderBytes = 12;
    const int DimensionBytes = 8;

    /// <summary>The items of all dimensions, one after the other; null among them is left out.</summary>
    public static void Read(ReadOnlySpan<byte> array, ColumnBuilder lists)
    {
        var at = HeaderBytes + BinaryPrimitives.ReadInt32BigEndian(array) * DimensionBytes;
        while (at < array.Length)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(array[at..]);
            at += sizeof(int);
            if (length >= 0)
            {
                lists.Items.Append(array.Slice(at, length));
                at += length;
            }
        }

        lists.AppendList();
    }

    /// <summary>A field of a row, its length before it.</summary>
    public static void Write(Column lists, int row, IBufferWriter<byte> output)
    {
        var (first, end) = (lists.ListOffsets[row], lists.ListOffsets[row + 1]);
        var bytes = HeaderBytes + (end > first ? DimensionBytes : 0);
        for (var item = first; item < end; item++)
        {
            bytes += sizeof(int) + lists.Items.TextAt(item).Length;
        }

        WriteInt32(bytes, output);
        WriteInt32(end > first ? 1 : 0, output);
        WriteInt32(0, output);
        WriteInt32(TextType, output);
        if (end > first)
        {
            WriteInt32(end - first, output);
            WriteInt32(1, output);
        }

        for (var item = first; item < end; item++)
        {
            WriteInt32(lists.Items.TextAt(item).Length, output);
            output.Write(lists.Items.TextAt(item));
        }
    }

    static void WriteInt32(int value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }
}

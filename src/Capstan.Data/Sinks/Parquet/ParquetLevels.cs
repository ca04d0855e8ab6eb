using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Capstan.Data;

/// <summary>
/// What a page says of its values before they come: which rows are present (definition levels) and, of lists, where each begins
/// (repetition levels). Both in the hybrid encoding, each with its length in bytes before it.
/// </summary>
/// <remarks>
/// Source: Apache Parquet format 2.10, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid", and LogicalTypes.md, "Lists".
/// </remarks>
static class ParquetLevels
{
    /// <summary>
    /// 1 = present: one run of ones, or the validity bitmap as it is, for bits packed eight to a byte are just what Arrow keeps.
    /// </summary>
    /// <returns>The number of levels: of rows.</returns>
    public static int Write(Column column, ArrayBufferWriter<byte> page)
    {
        if (column.MissingCount == 0)
        {
            WriteRun((uint)column.Length << 1, [1], page);
        }
        else
        {
            var bitmap = MemoryMarshal.AsBytes(column.Validity)[..((column.Length + 7) >> 3)];
            WriteRun((uint)bitmap.Length << 1 | 1, bitmap, page);
        }

        return column.Length;
    }

    /// <summary>
    /// Repetition levels (1 = in the same list as the one before), then definition levels: 0 = missing, 1 = without items, 2 = an
    /// item.
    /// </summary>
    /// <returns>The number of levels: one for each item, and one for each list that has none.</returns>
    public static int WriteLists(Column column, ArrayBufferWriter<byte> page)
    {
        var (repetitions, definitions) = (new List<byte>(), new List<byte>());
        for (var row = 0; row < column.Length; row++)
        {
            var count = column.ListOffsets[row + 1] - column.ListOffsets[row];
            for (var item = 0; item < count; item++)
            {
                repetitions.Add((byte)(item > 0 ? 1 : 0));
                definitions.Add(2);
            }

            if (count == 0)
            {
                repetitions.Add(0);
                definitions.Add((byte)(column.IsPresent(row) ? 1 : 0));
            }
        }

        WritePacked(repetitions, 1, page);
        WritePacked(definitions, 2, page);
        return definitions.Count;
    }

    /// <summary>One run of levels packed into bits, least significant first, filled up to eight levels.</summary>
    static void WritePacked(List<byte> levels, int bits, ArrayBufferWriter<byte> page)
    {
        var groups = (levels.Count + 7) >> 3;
        var packed = new byte[groups * bits];
        for (var index = 0; index < levels.Count; index++)
        {
            packed[index * bits >> 3] |= (byte)(levels[index] << (index * bits & 7));
        }

        WriteRun((uint)groups << 1 | 1, packed, page);
    }

    static void WriteRun(uint header, ReadOnlySpan<byte> values, ArrayBufferWriter<byte> page)
    {
        Span<byte> run = stackalloc byte[8];
        var length = 0;
        for (; header >= 0x80; header >>= 7)
        {
            run[length++] = (byte)(header | 0x80);
        }

        run[length++] = (byte)header;
        BinaryPrimitives.WriteInt32LittleEndian(page.GetSpan(sizeof(int)), length + values.Length);
        page.Advance(sizeof(int));
        page.Write(run[..length]);
        page.Write(values);
    }
}

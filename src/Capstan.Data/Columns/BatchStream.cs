using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Capstan.Data;

/// <summary>
/// Batches as bytes, for the next process: what comes out is what went in, to the bit and with the same boundaries. For each batch the
/// number of its rows, then its columns as memory has them, little-endian; a number below zero ends the stream.
/// </summary>
static class BatchStream
{
    const int End = -1;

    // Sources give 8,192 rows at most, and Arrow's own batches some more.
    const int MostRows = 1 << 24;

    public static void Write(Stream target, ColumnBatch batch)
    {
        WriteInt32(target, batch.RowCount);
        foreach (var column in batch.Columns)
        {
            Write(target, column);
        }
    }

    public static void WriteEnd(Stream target) => WriteInt32(target, End);

    /// <param name="schema">That of the batches.</param>
    /// <exception cref="CorruptStateException">The bytes are no batches of these columns.</exception>
    public static IEnumerable<ColumnBatch> Read(Stream source, Schema schema)
    {
        while (ReadInt32(source) is not End and var rows)
        {
            Check(rows is >= 0 and <= MostRows, $"a batch claims {rows:N0} rows");
            yield return new ColumnBatch(schema, [.. schema.Fields.Select(field => ReadColumn(source, field.Type, rows))]);
        }
    }

    static void Write(Stream target, Column column)
    {
        WriteInt32(target, column.MissingCount);
        Write(target, column.Validity);
        switch (column.Type)
        {
            case DataType.Int64 or DataType.Timestamp:
                Write(target, column.Int64s);
                break;
            case DataType.Float64:
                Write(target, column.Float64s);
                break;
            case DataType.Boolean:
                Write(target, column.Booleans);
                break;
            case DataType.Text:
                Write(target, column.TextOffsets);
                Write(target, column.TextBytes);
                break;
            default:
                Write(target, column.ListOffsets);
                WriteInt32(target, column.Items.Length);
                Write(target, column.Items);
                break;
        }
    }

    static Column ReadColumn(Stream source, DataType type, int rows)
    {
        var missing = ReadInt32(source);
        Check(missing >= 0 && missing <= rows, $"a column of {rows:N0} rows claims {missing:N0} missing values");
        var words = (rows + 63) >> 6;
        var validity = ReadArray<ulong>(source, words);
        switch (type)
        {
            case DataType.Int64 or DataType.Timestamp:
                return Of(new Column(type) { Words = ReadArray<long>(source, rows) });
            case DataType.Float64:
                return Of(new Column(type) { Doubles = ReadArray<double>(source, rows) });
            case DataType.Boolean:
                return Of(new Column(type) { Bits = ReadArray<ulong>(source, words) });
            case DataType.Text:
                var offsets = ReadOffsets(source, rows);
                return Of(new Column(type) { Offsets = offsets, Bytes = ReadArray<byte>(source, offsets[^1]) });
            default:
                var ends = ReadOffsets(source, rows);
                var items = ReadInt32(source);
                Check(items == ends[^1], $"lists of {ends[^1]:N0} texts come with {items:N0}");
                return Of(new Column(type, ReadColumn(source, DataType.Text, items)) { Offsets = ends });
        }

        Column Of(Column column)
        {
            (column.ValidityWords, column.Length, column.MissingCount) = (validity, rows, missing);
            return column;
        }
    }

    static int[] ReadOffsets(Stream source, int rows)
    {
        var offsets = ReadArray<int>(source, rows + 1);
        for (var row = 0; row < rows; row++)
        {
            Check(offsets[row] >= 0 && offsets[row] <= offsets[row + 1], $"row {row:N0} ends before it begins");
        }

        return offsets;
    }

    static void Write<T>(Stream target, ReadOnlySpan<T> values)
        where T : unmanaged => target.Write(MemoryMarshal.AsBytes(values));

    static T[] ReadArray<T>(Stream source, int count)
        where T : unmanaged
    {
        var size = (long)count * Marshal.SizeOf<T>();
        Check(count >= 0 && size <= source.Length - source.Position, $"{count:N0} values are claimed where {source.Length - source.Position:N0} bytes are left");
        var values = GC.AllocateUninitializedArray<T>(count);
        source.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    static void WriteInt32(Stream target, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        target.Write(bytes);
    }

    static int ReadInt32(Stream source)
    {
        Check(source.Length - source.Position >= sizeof(int), "they end too early");
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        source.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    static void Check(bool isSo, string problem)
    {
        if (!isSo)
        {
            throw new CorruptStateException("batches", problem);
        }
    }
}

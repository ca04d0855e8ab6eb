using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Capstan.Data;

/// <summary>
/// One column of the row group that is being gathered: compressed pages, each with its levels (which rows are present) and the
/// present values in the PLAIN encoding.
/// </summary>
sealed class ParquetChunk(Field field, bool isNarrow)
{
    readonly ArrayBufferWriter<byte> _pages = new();
    readonly ArrayBufferWriter<byte> _page = new();
    readonly MemoryStream _compressed = new();

    public Field Field { get; } = field;

    public ParquetPhysicalType PhysicalType { get; } = field.Type switch
    {
        DataType.Int64 => isNarrow ? ParquetPhysicalType.Int32 : ParquetPhysicalType.Int64,
        DataType.Float64 => isNarrow ? ParquetPhysicalType.Float : ParquetPhysicalType.Double,
        DataType.Boolean => ParquetPhysicalType.Boolean,
        DataType.Text or DataType.TextList => ParquetPhysicalType.ByteArray,
        DataType.Timestamp => ParquetPhysicalType.Int64,
        _ => throw new UnreachableException(),
    };

    /// <summary>Pages with their headers, as they go into the file.</summary>
    public ReadOnlySpan<byte> Pages => _pages.WrittenSpan;

    public long RowCount { get; private set; }

    /// <summary>As many as rows; of lists, one for each item and one for each list without any.</summary>
    public long ValueCount { get; private set; }

    /// <summary>Bytes of pages and headers, had the pages not been compressed.</summary>
    public long UncompressedBytes { get; private set; }

    public void Clear()
    {
        _pages.ResetWrittenCount();
        (RowCount, ValueCount, UncompressedBytes) = (0, 0, 0);
    }

    public void AddPage(Column column)
    {
        _page.ResetWrittenCount();
        var values = column.Type == DataType.TextList ? ParquetLevels.WriteLists(column, _page)
            : ParquetLevels.Write(column, _page);
        WriteValues(column);
        _compressed.SetLength(0);
        using (var gzip = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(_page.WrittenSpan);
        }

        var before = _pages.WrittenCount;
        WriteHeader(values, _page.WrittenCount, (int)_compressed.Length);
        UncompressedBytes += _pages.WrittenCount - before + _page.WrittenCount;
        _pages.Write(_compressed.GetBuffer().AsSpan(0, (int)_compressed.Length));
        (RowCount, ValueCount) = (RowCount + column.Length, ValueCount + values);
    }

    void WriteValues(Column column)
    {
        switch (PhysicalType)
        {
            case ParquetPhysicalType.Int64:
                WritePresent(column, column.Int64s);
                break;
            case ParquetPhysicalType.Double:
                WritePresent(column, column.Float64s);
                break;
            case ParquetPhysicalType.Int32:
                WriteNarrow<long, int>(column, column.Int64s);
                break;
            case ParquetPhysicalType.Float:
                WriteNarrow<double, float>(column, column.Float64s);
                break;
            case ParquetPhysicalType.Boolean:
                WriteBooleans(column);
                break;
            case ParquetPhysicalType.ByteArray:
                // Lists without items, missing ones included, are nothing but levels.
                WriteTexts(column.Type == DataType.TextList ? column.Items : column);
                break;
        }
    }

    void WritePresent<T>(Column column, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (column.MissingCount == 0)
        {
            _page.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        var target = MemoryMarshal.Cast<byte, T>(_page.GetSpan(values.Length * Marshal.SizeOf<T>()));
        var count = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if (column.IsPresent(row))
            {
                target[count++] = values[row];
            }
        }

        _page.Advance(count * Marshal.SizeOf<T>());
    }

    void WriteNarrow<TWide, TNarrow>(Column column, ReadOnlySpan<TWide> values)
        where TWide : unmanaged, INumberBase<TWide>
        where TNarrow : unmanaged, INumberBase<TNarrow>
    {
        var size = Marshal.SizeOf<TNarrow>();
        var target = MemoryMarshal.Cast<byte, TNarrow>(_page.GetSpan(values.Length * size));
        var count = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if (column.IsPresent(row))
            {
                target[count++] = TNarrow.CreateChecked(values[row]);
            }
        }

        _page.Advance(count * size);
    }

    void WriteBooleans(Column column)
    {
        var target = _page.GetSpan((column.Length + 7) >> 3);
        target.Clear();
        var count = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsPresent(row))
            {
                target[count >> 3] |= (byte)((column.BooleanAt(row) ? 1 : 0) << (count & 7));
                count++;
            }
        }

        _page.Advance((count + 7) >> 3);
    }

    void WriteTexts(Column column)
    {
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsPresent(row))
            {
                var text = column.TextAt(row);
                BinaryPrimitives.WriteInt32LittleEndian(_page.GetSpan(sizeof(int)), text.Length);
                _page.Advance(sizeof(int));
                _page.Write(text);
            }
        }
    }

    void WriteHeader(int valueCount, int uncompressedBytes, int compressedBytes)
    {
        const int DataPage = 0;
        var header = new ThriftWriter(_pages);
        header.BeginStructureElement();
        header.WriteInt32(1, DataPage);
        header.WriteInt32(2, uncompressedBytes);
        header.WriteInt32(3, compressedBytes);
        header.BeginStructure(5);
        header.WriteInt32(1, valueCount);
        header.WriteInt32(2, ParquetFooter.Plain);
        header.WriteInt32(3, ParquetFooter.Rle);
        header.WriteInt32(4, ParquetFooter.Rle);
        header.EndStructure();
        header.EndStructure();
    }
}

using System.Buffers.Binary;
using System.Diagnostics;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// Rows in the binary format of PostgreSQL's COPY, decoded into column builders: after a header, for each row the number of
/// fields and for each field its length (−1 for NULL) and its bytes, all big-endian.
/// </summary>
/// <remarks>Source: PostgreSQL's manual, COPY, "Binary Format".</remarks>
sealed class CopyReader(Stream stream)
{
    /// <summary>Microseconds from 1970 to 2000, where PostgreSQL's times begin.</summary>
    public static readonly long Year2000 = Timestamps.FromDateTime(new DateTime(2000, 1, 1));

    /// <summary>11 bytes of signature, flags, and the length of a header extension.</summary>
    const int HeaderBytes = 19;

    byte[] _bytes = new byte[256 << 10];
    int _start;
    int _end;
    bool _hasBegun;

    /// <summary>Whether the row after the last has been seen.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Appends up to a number of rows.</summary>
    public async ValueTask FillAsync(BatchBuilder builder, int rows, CancellationToken cancellationToken)
    {
        while (!IsAtEnd && builder.Batch.RowCount < rows)
        {
            if (!TakeRows(builder, rows) && !IsAtEnd)
            {
                await ExtendAsync(cancellationToken);
            }
        }
    }

    /// <summary>Appends the rows that lie in the buffer.</summary>
    /// <returns>False where the next one is not there to its end.</returns>
    bool TakeRows(BatchBuilder builder, int rows)
    {
        if (!_hasBegun)
        {
            var header = Unread();
            var length = header.Length < HeaderBytes
                ? int.MaxValue
                : HeaderBytes + BinaryPrimitives.ReadInt32BigEndian(header[(HeaderBytes - 4)..]);
            if (header.Length < length)
            {
                return false;
            }

            _start += length;
            _hasBegun = true;
        }

        while (builder.Batch.RowCount < rows)
        {
            var row = Unread();
            if (row.Length < 2)
            {
                return false;
            }

            if (BinaryPrimitives.ReadInt16BigEndian(row) < 0)
            {
                IsAtEnd = true;
                return true;
            }

            if (!IsComplete(row, builder.Columns.Length))
            {
                return false;
            }

            _start += Append(row, builder);
        }

        return true;
    }

    static bool IsComplete(ReadOnlySpan<byte> row, int fields)
    {
        var at = 2;
        for (var field = 0; field < fields; field++)
        {
            if (row.Length < at + 4)
            {
                return false;
            }

            at += 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(row[at..]));
        }

        return row.Length >= at;
    }

    /// <returns>The row's length.</returns>
    static int Append(ReadOnlySpan<byte> row, BatchBuilder builder)
    {
        var at = 2;
        foreach (var column in builder.Columns)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(row[at..]);
            at += 4;
            if (length < 0)
            {
                column.AppendMissing();
                continue;
            }

            Append(row.Slice(at, length), column);
            at += length;
        }

        return at;
    }

    static void Append(ReadOnlySpan<byte> cell, ColumnBuilder column)
    {
        switch (column.Type)
        {
            case DataType.Int64:
                column.Append(BinaryPrimitives.ReadInt64BigEndian(cell));
                break;
            case DataType.Float64:
                column.Append(BinaryPrimitives.ReadDoubleBigEndian(cell));
                break;
            case DataType.Boolean:
                column.Append(cell[0] != 0);
                break;
            case DataType.Text:
                column.Append(cell);
                break;
            case DataType.TextList:
                TextArray.Read(cell, column);
                break;
            case DataType.Timestamp:
                AppendTime(BinaryPrimitives.ReadInt64BigEndian(cell), column);
                break;
            default:
                throw new UnreachableException();
        }
    }

    static void AppendTime(long time, ColumnBuilder column)
    {
        if (time is long.MinValue or long.MaxValue) // PostgreSQL's ±infinity
        {
            column.AppendMissing();
        }
        else
        {
            column.Append(time + Year2000);
        }
    }

    ReadOnlySpan<byte> Unread() => _bytes.AsSpan(_start, _end - _start);

    async ValueTask ExtendAsync(CancellationToken cancellationToken)
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, _bytes.Length * 2L));
        }

        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken);
        _end += read > 0 ? read : throw new EndOfStreamException("The server ended the rows without the mark that ends them.");
    }
}

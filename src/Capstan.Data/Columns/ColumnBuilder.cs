using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// Fills one column value by value or in bulk. Its memory is kept when it is cleared, so a builder that has seen its largest
/// batch allocates nothing more. Not thread-safe.
/// </summary>
public sealed partial class ColumnBuilder
{
    readonly Column _column;
    readonly ColumnBuilder? _items;

    public ColumnBuilder(DataType type)
    {
        _items = type == DataType.TextList ? new ColumnBuilder(DataType.Text) : null;
        _column = new Column(type, _items?._column);
    }

    public DataType Type => _column.Type;

    public int Length => _column.Length;

    /// <summary>The column filled so far: always the same object, a live view that <see cref="Clear"/> empties.</summary>
    public Column Column => _column;

    /// <summary>Takes the texts of a list, which <see cref="AppendList"/> then ends.</summary>
    public ColumnBuilder Items => _items ?? throw new InvalidOperationException($"A {Type} column was filled as one of lists.");

    public void Clear()
    {
        _items?.Clear();
        _column.ValidityWords.AsSpan(0, (_column.Length + 63) >> 6).Clear();
        _column.Bits.AsSpan(0, Math.Min(_column.Bits.Length, (_column.Length + 63) >> 6)).Clear();
        _column.Length = 0;
        _column.MissingCount = 0;
    }

    public void AppendMissing()
    {
        var row = Reserve(1);
        switch (Type)
        {
            case DataType.Float64:
                _column.Doubles[row] = 0;
                break;
            case DataType.Text or DataType.TextList:
                _column.Offsets[row + 1] = _column.Offsets[row];
                break;
            case DataType.Int64 or DataType.Timestamp:
                _column.Words[row] = 0;
                break;
        }

        _column.MissingCount++;
        _column.Length = row + 1;
    }

    /// <summary>An integer, or a timestamp in microseconds.</summary>
    public void Append(long value)
    {
        var row = Reserve(1);
        _column.Words[row] = value;
        MarkPresent(row);
    }

    /// <summary>A number; NaN and infinities are missing.</summary>
    public void Append(double value)
    {
        if (!double.IsFinite(value))
        {
            AppendMissing();
            return;
        }

        var row = Reserve(1);
        _column.Doubles[row] = value;
        MarkPresent(row);
    }

    public void Append(bool value)
    {
        var row = Reserve(1);
        if (value)
        {
            _column.Bits[row >> 6] |= 1UL << (row & 63);
        }

        MarkPresent(row);
    }

    /// <summary>Text as UTF-8 bytes, which the caller has found valid.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        var row = Reserve(1);
        var start = _column.Offsets[row];
        EnsureBytes(start, utf8.Length);
        utf8.CopyTo(_column.Bytes.AsSpan(start));
        _column.Offsets[row + 1] = start + utf8.Length;
        MarkPresent(row);
    }

    public void Append(string text)
    {
        var row = Reserve(1);
        var start = _column.Offsets[row];
        EnsureBytes(start, Encoding.UTF8.GetMaxByteCount(text.Length));
        _column.Offsets[row + 1] = start + Encoding.UTF8.GetBytes(text, _column.Bytes.AsSpan(start));
        MarkPresent(row);
    }

    /// <summary>The list of all texts that <see cref="Items"/> has taken since the row before.</summary>
    public void AppendList()
    {
        var row = Reserve(1);
        _column.Offsets[row + 1] = Items.Length;
        MarkPresent(row);
    }

    /// <summary>Integers or timestamps, all present.</summary>
    public void AppendPresent(ReadOnlySpan<long> values)
    {
        var row = Reserve(values.Length);
        values.CopyTo(_column.Words.AsSpan(row));
        MarkPresent(row, values.Length);
    }

    /// <summary>Numbers, all present and finite.</summary>
    void AppendPresent(ReadOnlySpan<double> values)
    {
        var row = Reserve(values.Length);
        values.CopyTo(_column.Doubles.AsSpan(row));
        MarkPresent(row, values.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void MarkPresent(int row)
    {
        _column.ValidityWords[row >> 6] |= 1UL << (row & 63);
        _column.Length = row + 1;
    }

    void MarkPresent(int row, int count)
    {
        var words = _column.ValidityWords;
        for (var end = row + count; row < end;)
        {
            if ((row & 63) == 0 && end - row >= 64)
            {
                words[row >> 6] = ulong.MaxValue;
                row += 64;
            }
            else
            {
                words[row >> 6] |= 1UL << (row & 63);
                row++;
            }
        }

        _column.Length = row;
    }

    /// <summary>Makes room for more rows; returns the first new row's index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Reserve(int rows)
    {
        var row = _column.Length;
        if (row + rows > _column.ValidityWords.Length << 6)
        {
            Grow(row + rows);
        }

        return row;
    }

    void Grow(int rows)
    {
        var words = Math.Max(4, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((rows + 63) >> 6)));
        var capacity = words << 6;
        Array.Resize(ref _column.ValidityWords, words);
        switch (Type)
        {
            case DataType.Int64 or DataType.Timestamp:
                Array.Resize(ref _column.Words, capacity);
                break;
            case DataType.Float64:
                Array.Resize(ref _column.Doubles, capacity);
                break;
            case DataType.Boolean:
                Array.Resize(ref _column.Bits, words);
                break;
            case DataType.Text or DataType.TextList:
                Array.Resize(ref _column.Offsets, capacity + 1);
                break;
        }
    }

    void EnsureBytes(int start, int count)
    {
        var needed = (long)start + count;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"A text column of one batch would need {needed:N0} bytes; a batch holds at most {Array.MaxLength:N0}. " +
                "Read smaller batches.");
        }

        if (needed > _column.Bytes.Length)
        {
            Array.Resize(ref _column.Bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, _column.Bytes.Length * 2L + 256)));
        }
    }
}

using System.Formats.Cbor;
using System.Text;

namespace Capstan.Data;

/// <summary>A text value and how often it was seen.</summary>
/// <param name="Utf8">The value's bytes.</param>
/// <param name="Count">Exact, or a lower bound that is at most <see cref="TopValues.CountError"/> too small.</param>
public readonly record struct ValueCount(ReadOnlyMemory<byte> Utf8, long Count)
{
    public string Text => Encoding.UTF8.GetString(Utf8.Span);
}

/// <summary>
/// The values of a text column with their counts: exact while they fit, and beyond that the frequent ones with a stated
/// error. It never drops a value silently: <see cref="IsExact"/> and <see cref="CountError"/> tell.
/// </summary>
/// <remarks>
/// Exact up to <see cref="MaxValues"/> different values and <see cref="MaxBytes"/> of text. When one more would not fit, the
/// median of all counts is subtracted from each count and added to the error, and what has nothing left goes. Then every count is
/// between its true count − <see cref="CountError"/> and its true count, a value that is absent was seen at most CountError
/// times, and the error is at most 2 × rows / MaxValues (more where MaxBytes is what ran out). Merging adds the errors.
/// Source: Misra, Gries 1982, with the batched decrement and merge of Anderson et al. 2017 (arXiv 1705.07001).
/// </remarks>
public sealed class TopValues : IMergeable<TopValues>, IStoredState<TopValues>
{
    public const int DefaultMaxValues = 1_000_000;
    public const int DefaultMaxBytes = 256 << 20;

    ByteTable _table = new();

    /// <param name="maxValues">At least 2.</param>
    /// <param name="maxBytes">At least 16; a single value longer than half of it is never kept.</param>
    public TopValues(int maxValues = DefaultMaxValues, int maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxValues, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 16);
        (MaxValues, MaxBytes) = (maxValues, maxBytes);
    }

    public static TopValues Empty => new();

    public int MaxValues { get; }

    public int MaxBytes { get; }

    /// <summary>How many values were observed, repeats included.</summary>
    public long Total { get; private set; }

    /// <summary>How many different values are kept: all there are, if exact.</summary>
    public int Kept => _table.Count;

    /// <summary>By how much a count may be too small; 0 while exact.</summary>
    public long CountError { get; private set; }

    public bool IsExact => CountError == 0;

    public void Observe(ReadOnlySpan<byte> utf8) => Observe(utf8, ValueHash.Of(utf8));

    /// <summary>True where the value was not in the table before.</summary>
    internal bool Observe(ReadOnlySpan<byte> utf8, ulong hash)
    {
        Total++;
        if (_table.Find(utf8, hash) is >= 0 and var index)
        {
            _table.CountAt(index)++;
            return false;
        }

        if (utf8.Length > MaxBytes / 2)
        {
            CountError++;
            return true;
        }

        while (_table.Count == MaxValues || utf8.Length > MaxBytes - _table.ByteCount)
        {
            DropRarest();
        }

        _table.Add(utf8, hash, 1);
        return true;
    }

    /// <summary>The value's count; 0 where it is not kept.</summary>
    public long CountOf(ReadOnlySpan<byte> utf8) =>
        _table.Find(utf8, ValueHash.Of(utf8)) is >= 0 and var index ? _table.CountAt(index) : 0;

    /// <summary>
    /// The most frequent values: by count descending, equal counts in reverse byte order (tf.Transform's vocabulary order).
    /// </summary>
    /// <param name="limit">At most so many; all by default.</param>
    public IReadOnlyList<ValueCount> Ordered(int limit = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var values = new ValueCount[_table.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = new ValueCount(_table.ValueAt(index), _table.CountAt(index));
        }

        CountOrder.Sort(values);
        return values[..Math.Min(limit, values.Length)];
    }

    /// <summary>
    /// Only the most frequent values, with their counts unchanged: smaller to store or show. The largest count left out is
    /// added to <see cref="CountError"/>.
    /// </summary>
    public TopValues Keep(int limit)
    {
        var ordered = Ordered();
        var largestLeftOut = limit < Kept ? ordered[limit].Count : 0;
        var kept = new TopValues(MaxValues, MaxBytes) { Total = Total, CountError = CountError + largestLeftOut };
        foreach (var each in ordered.Take(limit))
        {
            kept._table.Add(each.Utf8.Span, ValueHash.Of(each.Utf8.Span), each.Count);
        }

        return kept;
    }

    public TopValues Merge(TopValues other)
    {
        // A side without values has nothing to say about limits.
        var (values, bytes) = Total == 0 ? (other.MaxValues, other.MaxBytes)
            : other.Total == 0 ? (MaxValues, MaxBytes)
            : (Math.Min(MaxValues, other.MaxValues), Math.Min(MaxBytes, other.MaxBytes));
        var merged = new TopValues(values, bytes) { Total = Total + other.Total, CountError = CountError + other.CountError };
        foreach (var table in (ReadOnlySpan<ByteTable>)[_table, other._table])
        {
            for (var index = 0; index < table.Count; index++)
            {
                merged.Count(table.SpanAt(index), table.HashAt(index), table.CountAt(index));
            }
        }

        // Limits are applied to the sum, so that merging commutes.
        while (merged._table.Count > values || merged._table.ByteCount > bytes)
        {
            merged.DropRarest();
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var ordered = Ordered();
        var fields = new StateWriter(writer, 6);
        fields.Number(1, MaxValues);
        fields.Number(2, MaxBytes);
        fields.Number(3, Total);
        fields.Number(4, CountError);
        var (sizes, text, start) = (new ulong[2 * ordered.Count], new byte[_table.ByteCount], 0);
        for (var index = 0; index < ordered.Count; index++)
        {
            var utf8 = ordered[index].Utf8.Span;
            (sizes[2 * index], sizes[2 * index + 1]) = ((ulong)ordered[index].Count, (ulong)utf8.Length);
            utf8.CopyTo(text.AsSpan(start));
            start += utf8.Length;
        }

        fields.Words(5, sizes);
        fields.Bytes(6, text);
        fields.End();
    }

    public static TopValues ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(TopValues), 6);
        var state = new TopValues((int)fields.Number(1, 2, int.MaxValue), (int)fields.Number(2, 16, int.MaxValue))
        {
            Total = fields.Count(3), CountError = fields.Count(4),
        };
        var sizes = fields.Words(5, int.MaxValue / 8);
        var text = fields.Bytes(6, state.MaxBytes);
        fields.End();

        fields.Check(sizes.Length % 2 == 0 && sizes.Length / 2 <= state.MaxValues,
            $"it has {sizes.Length / 2:N0} values, expected at most {state.MaxValues:N0}");
        var (start, counted) = (0, UInt128.Zero);
        for (var index = 0; index < sizes.Length; index += 2)
        {
            var (count, length) = (sizes[index], sizes[index + 1]);
            fields.Check(length <= (ulong)(text.Length - start) && count > 0 && count <= (ulong)state.Total,
                $"value {index / 2} claims {length} bytes and {count} rows; {text.Length - start} and {state.Total} are there");
            var value = text.AsSpan(start, (int)length);
            var hash = ValueHash.Of(value);
            fields.Check(state._table.Find(value, hash) < 0, $"value {index / 2} is stored twice");
            state._table.Add(value, hash, (long)count);
            start += (int)length;
            counted += count;
        }

        fields.Check(start == text.Length, $"{text.Length - start} bytes of text belong to no value");
        fields.Check(counted <= (UInt128)state.Total && (!state.IsExact || counted == (UInt128)state.Total),
            $"its counts add up to {counted}, expected {state.Total}");
        return state;
    }

    void Count(ReadOnlySpan<byte> utf8, ulong hash, long count)
    {
        if (_table.Find(utf8, hash) is >= 0 and var index)
        {
            _table.CountAt(index) += count;
        }
        else
        {
            _table.Add(utf8, hash, count);
        }
    }

    void DropRarest()
    {
        var counts = new long[_table.Count];
        for (var index = 0; index < counts.Length; index++)
        {
            counts[index] = _table.CountAt(index);
        }

        counts.AsSpan().Sort();
        var median = counts[counts.Length / 2];
        var survivors = new ByteTable();
        for (var index = 0; index < _table.Count; index++)
        {
            if (_table.CountAt(index) > median)
            {
                survivors.Add(_table.SpanAt(index), _table.HashAt(index), _table.CountAt(index) - median);
            }
        }

        _table = survivors;
        CountError += median;
    }
}

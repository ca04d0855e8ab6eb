using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>Many values at once, some of them missing.</summary>
public sealed partial class ColumnBuilder
{
    /// <summary>Integers or timestamps.</summary>
    /// <param name="values">A missing one is 0.</param>
    /// <param name="validity">A bit per value, least significant first; bits beyond them do not count.</param>
    internal void Append(ReadOnlySpan<long> values, ReadOnlySpan<ulong> validity)
    {
        var row = Reserve(values.Length);
        values.CopyTo(_column.Words.AsSpan(row));
        Mark(validity, values.Length);
    }

    /// <summary>Numbers.</summary>
    /// <param name="values">Finite; a missing one is 0.</param>
    /// <param name="validity">A bit per value, least significant first; bits beyond them do not count.</param>
    internal void Append(ReadOnlySpan<double> values, ReadOnlySpan<ulong> validity)
    {
        var row = Reserve(values.Length);
        values.CopyTo(_column.Doubles.AsSpan(row));
        Mark(validity, values.Length);
    }

    /// <summary>A text in which more follows: short ones are copied in one step, with what is behind them.</summary>
    /// <param name="utf8">The text, which the caller has found valid, and what follows it.</param>
    /// <param name="length">How long the text is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Append(ReadOnlySpan<byte> utf8, int length)
    {
        var row = Reserve(1);
        var start = _column.Offsets[row];
        if (length <= Vector128<byte>.Count && utf8.Length >= Vector128<byte>.Count &&
            _column.Bytes.Length - start >= Vector128<byte>.Count)
        {
            Vector128.Create(utf8).CopyTo(_column.Bytes, start);
            _column.Offsets[row + 1] = start + length;
            MarkPresent(row);
        }
        else
        {
            Append(utf8[..length]);
        }
    }

    /// <summary>Texts of another column.</summary>
    /// <param name="start">The first; a multiple of 64, where a word of the validity starts.</param>
    void AppendTexts(Column source, int start, int count)
    {
        var bytes = source.Bytes.AsSpan(source.Offsets[start]..source.Offsets[start + count]);
        var row = Reserve(count);
        var (offsets, first) = (_column.Offsets, _column.Offsets[row]);
        EnsureBytes(first, bytes.Length);
        bytes.CopyTo(_column.Bytes.AsSpan(first));
        for (var index = 1; index <= count; index++)
        {
            offsets[row + index] = source.Offsets[start + index] - source.Offsets[start] + first;
        }

        Mark(source.ValidityWords.AsSpan(start >> 6), count);
    }

    /// <summary>Values that have been written behind the column's end become its rows.</summary>
    void Mark(ReadOnlySpan<ulong> validity, int count)
    {
        var (words, first, present) = (_column.ValidityWords, _column.Length, 0);
        for (var done = 0; done < count; done += 64)
        {
            var rest = count - done;
            var bits = rest < 64 ? validity[done >> 6] & (1UL << rest) - 1 : validity[done >> 6];
            var (word, shift) = (first + done >> 6, first + done & 63);
            words[word] |= bits << shift;
            if (shift + Math.Min(64, rest) > 64)
            {
                words[word + 1] |= bits >> 64 - shift;
            }

            present += BitOperations.PopCount(bits);
        }

        _column.Length = first + count;
        _column.MissingCount += count - present;
    }
}

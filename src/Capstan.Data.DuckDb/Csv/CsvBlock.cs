using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Capstan.Data.DuckDb;

/// <summary>
/// The next records of a window, cut into fields together: 64 bytes at a time are compared with the delimiter, the quote and the
/// line feed. The fast version of <see cref="CsvRecords"/>, the reference, which must read the record before which a block ends:
/// one that goes on beyond the window, is broken, is no UTF-8, holds a quote that stands for itself, or has other than the expected
/// number of fields.
/// </summary>
/// <param name="columns">How many fields a record has, 1 or more.</param>
sealed class CsvBlock(CsvDialect dialect, int columns)
{
    // What is cut at a time should stay in the processor's second cache until all columns have been read.
    const int MostRows = 256;
    const int MostFields = 1 << 15;
    const int Step = 64;

    // Before the first field, behind it, behind the second, and so on: where the delimiters and line breaks are that end fields.
    int[] _marks = [];
    (int Bytes, int Lines)[] _ends = [];
    byte[] _unquoted = [];
    bool _hasQuotes;

    /// <summary>How many records were cut.</summary>
    public int Rows { get; private set; }

    /// <summary>How many of them come before the first that is no UTF-8.</summary>
    public int ValidRows { get; private set; }

    /// <summary>How many bytes and lines the first records are, with their line breaks.</summary>
    public (int Bytes, int Lines) LengthOf(int rows) => rows == 0 ? default : _ends[rows - 1];

    /// <summary>Where a field's text lies.</summary>
    /// <param name="text">The text that was cut.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CsvPiece PieceAt(ReadOnlySpan<byte> text, int row, int column)
    {
        var field = row * columns + column;
        var (start, end) = (_marks[field] + 1, _marks[field + 1]);
        if (column == columns - 1 && end > start && text[end - 1] == '\r')
        {
            end--;
        }

        return _hasQuotes && end > start && text[start] == dialect.Quote
            ? Unquoted(text, start, end)
            : new CsvPiece(start, end - start, false);
    }

    /// <summary>A field's text; valid until the next call.</summary>
    /// <param name="text">The text that was cut.</param>
    public ReadOnlySpan<byte> FieldOf(CsvPiece piece, ReadOnlySpan<byte> text)
    {
        var field = text.Slice(piece.Start, piece.Length);
        return piece.HasDoubledQuotes ? dialect.HalveQuotes(field, ref _unquoted) : field;
    }

    /// <param name="text">What is unread, from a record's start.</param>
    /// <param name="bytesToEnd">Records that start there or later are not read.</param>
    /// <param name="most">How many records at most, 1 or more.</param>
    public void Cut(ReadOnlySpan<byte> text, long bytesToEnd, int most)
    {
        most = Math.Min(most, Math.Clamp(MostFields / columns, 1, MostRows));
        if (_ends.Length < most)
        {
            // A step is marked whole before it is known whether a record has too many fields.
            _marks = new int[(most + 1) * columns + 2 * Step];
            _ends = new (int, int)[most];
        }

        _marks[0] = -1;
        Rows = 0;
        if (bytesToEnd > 0)
        {
            Mark(text, bytesToEnd, most);
        }

        ValidRows = Utf8.IsValid(text[..LengthOf(Rows).Bytes]) ? Rows : CountValidRows(text);
    }

    void Mark(ReadOnlySpan<byte> text, long bytesToEnd, int most)
    {
        var (delimiters, quotes) = (Vector256.Create(dialect.Delimiter), Vector256.Create(dialect.Quote));
        var breaks = Vector256.Create((byte)'\n');
        var (count, lines) = (1, 0);
        var reading = new CsvQuotes();
        _hasQuotes = false;
        for (var step = 0; step <= text.Length - Step; step += Step)
        {
            var first = Vector256.Create(text[step..]);
            var second = Vector256.Create(text[(step + Vector256<byte>.Count)..]);
            var foundBreaks = Bits(first, second, breaks);
            var found = Bits(first, second, delimiters) | foundBreaks;
            var foundQuotes = Bits(first, second, quotes);
            var readable = Step;
            if (foundQuotes != 0 || !reading.IsPlain)
            {
                _hasQuotes = true;
                var returns = Bits(first, second, Vector256.Create((byte)'\r'));
                var startsField = _marks[count - 1] == step - 1;
                found &= reading.Outside(foundQuotes, found & ~foundBreaks, foundBreaks, returns, startsField, out readable);
            }

            Keep(found, step, count);
            for (var ends = found & foundBreaks; ends != 0; ends &= ends - 1)
            {
                var position = BitOperations.TrailingZeroCount(ends);
                var upTo = ulong.MaxValue >> 63 - position;
                if (position >= readable || count + BitOperations.PopCount(found & upTo) != 1 + (Rows + 1) * columns)
                {
                    return;
                }

                var end = step + position + 1;
                _ends[Rows++] = (end, lines + BitOperations.PopCount(foundBreaks & upTo));
                if (Rows == most || end >= bytesToEnd)
                {
                    return;
                }
            }

            count += BitOperations.PopCount(found);
            lines += BitOperations.PopCount(foundBreaks);
            if (readable < Step || count > (Rows + 1) * columns)
            {
                return;
            }
        }
    }

    /// <summary>Keeps the places of set bits, eight by eight: what is written too much is overwritten by the next.</summary>
    void Keep(ulong found, int step, int count)
    {
        while (found != 0)
        {
            var marks = _marks.AsSpan(count, 8);
            for (var index = 0; index < 8; index++)
            {
                marks[index] = step + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
            }

            count += 8;
        }
    }

    /// <summary>A field that starts with a quote: where the block reaches, it ends with one.</summary>
    CsvPiece Unquoted(ReadOnlySpan<byte> text, int start, int end) =>
        new(start + 1, end - start - 2, text[(start + 1)..(end - 1)].Contains(dialect.Quote));

    int CountValidRows(ReadOnlySpan<byte> text)
    {
        var row = 0;
        while (Utf8.IsValid(text[LengthOf(row).Bytes..LengthOf(row + 1).Bytes]))
        {
            row++;
        }

        return row;
    }

    static ulong Bits(Vector256<byte> first, Vector256<byte> second, Vector256<byte> wanted) =>
        Vector256.Equals(first, wanted).ExtractMostSignificantBits() |
        (ulong)Vector256.Equals(second, wanted).ExtractMostSignificantBits() << 32;
}

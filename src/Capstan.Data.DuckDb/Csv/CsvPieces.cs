using System.Numerics;
using System.Runtime.Intrinsics;

namespace Capstan.Data.DuckDb;

/// <summary>Where a field's text lies.</summary>
readonly struct CsvPiece(int start, int length, bool hasDoubledQuotes)
{
    // One number, since two would be written and read back as one, which costs more than all the rest of a short field.
    readonly long _bits = (long)start << 32 | (uint)(hasDoubledQuotes ? ~length : length);

    public int Start => (int)(_bits >> 32);

    public int Length => HasDoubledQuotes ? ~(int)_bits : (int)_bits;

    /// <summary>Whether two quotes there stand for one.</summary>
    public bool HasDoubledQuotes => (int)_bits < 0;
}

/// <summary>The fields of one record; their memory is kept for the next.</summary>
sealed class CsvPieces
{
    CsvPiece[] _pieces = new CsvPiece[16];

    public int Count { get; private set; }

    public CsvPiece this[int index] => _pieces[index];

    public void Clear() => Count = 0;

    public void Add(int start, int length, bool hasDoubledQuotes)
    {
        if (Count == _pieces.Length)
        {
            Array.Resize(ref _pieces, _pieces.Length * 2);
        }

        _pieces[Count++] = new CsvPiece(start, length, hasDoubledQuotes);
    }

    /// <summary>Adds the fields of a line without quotes.</summary>
    public void AddPlain(ReadOnlySpan<byte> line, byte delimiter)
    {
        // Fields are short, so a search for each costs more than looking at 32 bytes at a time.
        var delimiters = Vector256.Create(delimiter);
        var (start, position) = (0, 0);
        for (; position <= line.Length - Vector256<byte>.Count; position += Vector256<byte>.Count)
        {
            var found = Vector256.Equals(Vector256.Create(line[position..]), delimiters).ExtractMostSignificantBits();
            for (; found != 0; found &= found - 1)
            {
                var end = position + BitOperations.TrailingZeroCount(found);
                Add(start, end - start, false);
                start = end + 1;
            }
        }

        for (; position < line.Length; position++)
        {
            if (line[position] == delimiter)
            {
                Add(start, position - start, false);
                start = position + 1;
            }
        }

        Add(start, line.Length - start, false);
    }
}

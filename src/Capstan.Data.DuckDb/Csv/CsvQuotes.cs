using System.Numerics;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Follows quotes through a text 64 bytes at a time: the first opens, the next closes, and so on; a doubled one closes and opens
/// at once. That holds up to a quote in a field that does not start with one, and to other text behind a closing quote.
/// </summary>
/// <remarks>
/// Of 64 bytes the first is the lowest bit.
/// Source: Langdale, Lemire 2019 (Parsing gigabytes of JSON per second, §3.1.1), for the quotes of CSV.
/// </remarks>
struct CsvQuotes
{
    ulong _inside;
    ulong _isBehindQuote;
    ulong _isBehindReturn;

    /// <summary>Whether 64 bytes without quotes are all outside quotes and may be anything.</summary>
    public readonly bool IsPlain => (_inside | _isBehindQuote | _isBehindReturn) == 0;

    /// <param name="quotes">Which of the bytes are quotes, and so on.</param>
    /// <param name="startsField">Whether the byte before them is a delimiter or line break outside quotes, or none.</param>
    /// <param name="readable">How many bytes come before the one that shows other quoting than told above; 64: none does.</param>
    /// <returns>The bytes outside quotes.</returns>
    public ulong Outside(ulong quotes, ulong delimiters, ulong breaks, ulong returns, bool startsField, out int readable)
    {
        var inside = OddBelow(quotes) ^ _inside;
        var (opening, closing) = (quotes & inside, quotes & ~inside);
        var separators = (delimiters | breaks) & ~inside;
        var behindQuote = closing << 1 | _isBehindQuote;
        var behindReturn = (behindQuote & returns) << 1 | _isBehindReturn;
        var fieldStarts = separators << 1 | (startsField ? 1UL : 0);
        var wrong = opening & ~(fieldStarts | behindQuote) |
            behindQuote & ~(separators | opening | returns) |
            behindReturn & ~breaks;
        readable = BitOperations.TrailingZeroCount(wrong);
        _inside = (ulong)((long)inside >> 63);
        _isBehindQuote = closing >> 63;
        _isBehindReturn = (behindQuote & returns) >> 63;
        return ~inside;
    }

    /// <summary>Sets each bit of which an odd number at or below it are set.</summary>
    static ulong OddBelow(ulong bits)
    {
        for (var distance = 1; distance < 64; distance *= 2)
        {
            bits ^= bits << distance;
        }

        return bits;
    }
}

namespace Capstan.Data.DuckDb;

/// <summary>How a CSV file separates its fields.</summary>
readonly record struct CsvDialect(byte Delimiter, byte Quote)
{
    /// <summary>In the order of preference where the header holds as many of two.</summary>
    static ReadOnlySpan<byte> Candidates => ",\t;|"u8;

    /// <summary>The candidate that the first line holds most of outside quotes; a comma where it holds none.</summary>
    public static byte DelimiterOf(ReadOnlySpan<byte> firstLine, byte quote)
    {
        Span<int> counts = stackalloc int[Candidates.Length];
        var isQuoted = false;
        foreach (var character in firstLine)
        {
            isQuoted ^= character == quote;
            var candidate = isQuoted ? -1 : Candidates.IndexOf(character);
            if (candidate >= 0)
            {
                counts[candidate]++;
            }
        }

        var best = 0;
        for (var candidate = 1; candidate < counts.Length; candidate++)
        {
            best = counts[candidate] > counts[best] ? candidate : best;
        }

        return Candidates[best];
    }

    /// <summary>The text of a quoted field: every doubled quote is one.</summary>
    /// <param name="buffer">Holds the result; replaced by a larger one where it does not fit.</param>
    public ReadOnlySpan<byte> HalveQuotes(ReadOnlySpan<byte> text, ref byte[] buffer)
    {
        if (buffer.Length < text.Length)
        {
            buffer = new byte[Math.Max(256, text.Length * 2)];
        }

        var length = 0;
        for (var position = 0; position < text.Length; position++)
        {
            buffer[length++] = text[position];
            position += text[position] == Quote ? 1 : 0;
        }

        return buffer.AsSpan(0, length);
    }
}

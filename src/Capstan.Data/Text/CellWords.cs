using System.Text;

namespace Capstan.Data;

/// <summary>The words that stand for values in text cells, whether a file or a request holds them.</summary>
static class CellWords
{
    /// <summary>Whether the text stands for "missing" in a column that does not hold text.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> text) => text.Length <= 4 &&
        (text.IsEmpty || text is [(byte)'?'] || Ascii.EqualsIgnoreCase(text, "na"u8) || Ascii.EqualsIgnoreCase(text, "n/a"u8) ||
         Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "null"u8) ||
         Ascii.EqualsIgnoreCase(text, "none"u8));

    /// <summary>A truth: true, t, yes, y or 1, and their opposites, in any case.</summary>
    /// <returns>False where the text is none.</returns>
    public static bool TryReadBoolean(ReadOnlySpan<byte> text, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(text, "true"u8) ||
            text is [(byte)'1' or (byte)'t' or (byte)'T' or (byte)'y' or (byte)'Y'] || Ascii.EqualsIgnoreCase(text, "yes"u8);
        return value || Ascii.EqualsIgnoreCase(text, "false"u8) ||
            text is [(byte)'0' or (byte)'f' or (byte)'F' or (byte)'n' or (byte)'N'] || Ascii.EqualsIgnoreCase(text, "no"u8);
    }
}

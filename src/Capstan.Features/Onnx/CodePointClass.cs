using System.Globalization;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// Sets of code points as classes of RE2's regular expressions, written out so that no table of the runtime's takes part.
/// </summary>
static class CodePointClass
{
    /// <summary>What stands between the brackets for the code points that pass; empty if none does.</summary>
    public static string Of(Func<Rune, bool> passes)
    {
        var ranges = new StringBuilder();
        for (var value = 0; value <= char.MaxValue + 0x100000; value++)
        {
            if (!Passes(value))
            {
                continue;
            }

            var first = value;
            while (Passes(value + 1))
            {
                value++;
            }

            Append(ranges, first, value);
        }

        return ranges.ToString();

        bool Passes(int value) => Rune.IsValid(value) && passes(new Rune(value));
    }

    /// <summary>A range, both ends included, between brackets.</summary>
    public static void Append(StringBuilder ranges, int first, int last) => ranges.Append(
        CultureInfo.InvariantCulture,
        $@"\x{{{first:x}}}{(last > first ? string.Create(CultureInfo.InvariantCulture, $@"-\x{{{last:x}}}") : "")}");

    /// <summary>A text as itself, outside of brackets.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            Append(quoted, rune.Value, rune.Value);
        }

        return quoted.ToString();
    }
}

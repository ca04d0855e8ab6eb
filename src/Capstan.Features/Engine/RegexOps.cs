using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Whether a pattern is found.</summary>
/// <remarks>Nothing is allocated once the pattern's automaton has met what the texts hold.</remarks>
sealed class RegexMatchesOp(Regex pattern, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = !RegexText.Fits(x, row) ? double.NaN : pattern.IsMatch(RegexText.Chars(frame, x[row])) ? 1 : 0;
        }
    }
}

/// <summary>The first match, or a group of it.</summary>
/// <remarks>The whole match is found without allocating. A group is not: .NET tells groups by objects, over strings.</remarks>
sealed class RegexExtractOp(Regex pattern, int group, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, builder) = (frame.Texts[operand], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!RegexText.Fits(x, row))
            {
                builder.AppendMissing();
            }
            else if (group == 0)
            {
                AppendMatch(frame, builder, RegexText.Chars(frame, x[row]));
            }
            else
            {
                AppendGroup(builder, x[row]);
            }
        }
    }

    void AppendMatch(Frame frame, ColumnBuilder builder, ReadOnlySpan<char> text)
    {
        foreach (var match in pattern.EnumerateMatches(text))
        {
            var bytes = frame.BeginBytes();
            RegexText.Write(bytes, text.Slice(match.Index, match.Length));
            builder.Append(bytes.WrittenSpan);
            return;
        }

        builder.AppendMissing();
    }

    void AppendGroup(ColumnBuilder builder, ReadOnlySpan<byte> text)
    {
        var found = pattern.Match(Encoding.UTF8.GetString(text)).Groups[group];
        if (found.Success)
        {
            builder.Append(found.Value);
        }
        else
        {
            builder.AppendMissing();
        }
    }
}

/// <summary>Every match replaced; see <see cref="TextLimits"/>.</summary>
/// <remarks>Nothing is allocated where the new text names no groups.</remarks>
sealed class RegexReplaceOp(Regex pattern, string with, int operand, int result) : Op
{
    readonly bool _namesGroups = with.Contains('$');

    public override void Run(Frame frame)
    {
        var (x, builder) = (frame.Texts[operand], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!RegexText.Fits(x, row))
            {
                builder.AppendMissing();
                continue;
            }

            var bytes = frame.BeginBytes();
            RegexText.Write(bytes, _namesGroups ? pattern.Replace(Encoding.UTF8.GetString(x[row]), with)
                : Replace(RegexText.Chars(frame, x[row]), frame.BeginChars()));
            if (bytes.WrittenCount > TextLimits.LargestMade)
            {
                builder.AppendMissing();
            }
            else
            {
                builder.Append(bytes.WrittenSpan);
            }
        }
    }

    // UTF-16 to the end: an empty match may stand between the halves of a character.
    ReadOnlySpan<char> Replace(ReadOnlySpan<char> text, ArrayBufferWriter<char> made)
    {
        var start = 0;
        foreach (var match in pattern.EnumerateMatches(text))
        {
            made.Write(text[start..match.Index]);
            made.Write(with);
            start = match.Index + match.Length;
        }

        made.Write(text[start..]);
        return made.WrittenSpan;
    }
}

/// <summary>Patterns read UTF-16, texts are UTF-8.</summary>
static class RegexText
{
    public static bool Fits(TextRows texts, int row) => texts.IsPresent(row) && texts[row].Length <= TextPattern.LargestText;

    /// <summary>The text in UTF-16, on the frame's scratch.</summary>
    public static ReadOnlySpan<char> Chars(Frame frame, ReadOnlySpan<byte> text)
    {
        var chars = MemoryMarshal.Cast<byte, char>(frame.Scratch(text.Length * (long)sizeof(char)));
        return chars[..Encoding.UTF8.GetChars(text, chars)];
    }

    /// <summary>Half a character beyond U+FFFF, which a pattern may have cut off, becomes U+FFFD.</summary>
    public static void Write(ArrayBufferWriter<byte> bytes, ReadOnlySpan<char> text) =>
        bytes.Advance(Encoding.UTF8.GetBytes(text, bytes.GetSpan(Math.Max(1, Encoding.UTF8.GetMaxByteCount(text.Length)))));
}

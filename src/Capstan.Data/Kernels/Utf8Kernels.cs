using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;

namespace Capstan.Data;

/// <summary>Functions of text as valid UTF-8 bytes. Positions and lengths in code points where said, else in bytes.</summary>
public static class Utf8Kernels
{
    /// <summary>
    /// A code point takes at most this many times its bytes in the other case: Ⱥ (2 bytes) is ⱥ (3 bytes) in lower case.
    /// </summary>
    public const int LargestCaseGrowth = 2;

    /// <summary>The number of code points: of bytes that continue none (those from 0x80 to 0xBF do).</summary>
    public static int CountCodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        var index = 0;
        var continuation = Vector128.Create((sbyte)-64);
        for (; index <= text.Length - Vector128<byte>.Count; index += Vector128<byte>.Count)
        {
            var begins = Vector128.GreaterThanOrEqual(Vector128.Create(text[index..]).AsSByte(), continuation);
            count += BitOperations.PopCount(begins.ExtractMostSignificantBits());
        }

        for (; index < text.Length; index++)
        {
            count += (sbyte)text[index] >= -64 ? 1 : 0;
        }

        return count;
    }

    /// <summary>The text after its first <paramref name="count"/> code points; empty if it has no more.</summary>
    public static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> text, int count) => text[ByteIndexOf(text, count)..];

    /// <summary>The first <paramref name="count"/> code points of the text; all if it has no more.</summary>
    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> text, int count) => text[..ByteIndexOf(text, count)];

    /// <summary>The text without Unicode white space at its ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && Rune.DecodeFromUtf8(text, out var first, out var length) == OperationStatus.Done &&
            Rune.IsWhiteSpace(first))
        {
            text = text[length..];
        }

        while (!text.IsEmpty && Rune.DecodeLastFromUtf8(text, out var last, out var length) == OperationStatus.Done &&
            Rune.IsWhiteSpace(last))
        {
            text = text[..^length];
        }

        return text;
    }

    /// <summary>Maps every code point to its simple lower (or upper) case by the invariant culture.</summary>
    /// <param name="result">At least <see cref="LargestCaseGrowth"/> times as long as the text.</param>
    /// <returns>The bytes written.</returns>
    public static int ChangeCase(ReadOnlySpan<byte> text, bool toUpper, Span<byte> result)
    {
        var (read, written) = (0, 0);
        while (true)
        {
            // Runs of ASCII in vectors, up to the first byte of anything else.
            var status = toUpper
                ? Ascii.ToUpper(text[read..], result[written..], out var converted)
                : Ascii.ToLower(text[read..], result[written..], out converted);
            (read, written) = (read + converted, written + converted);
            if (status == OperationStatus.Done)
            {
                return written;
            }

            _ = Rune.DecodeFromUtf8(text[read..], out var rune, out var length);
            read += length;
            written += (toUpper ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune)).EncodeToUtf8(result[written..]);
        }
    }

    static int ByteIndexOf(ReadOnlySpan<byte> text, int codePoint)
    {
        // A code point takes at least one byte.
        if (codePoint >= text.Length)
        {
            return text.Length;
        }

        var seen = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if ((sbyte)text[index] >= -64 && seen++ == codePoint)
            {
                return index;
            }
        }

        return text.Length;
    }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// Numbers out of text in which more follows, eight characters to a machine word. The fast version of <see cref="NumberText"/>,
/// the reference, to which it leaves whatever is longer, has an exponent, or lies at the end of all text; both agree to the bit.
/// </summary>
static class DigitWords
{
    /// <summary>So many bytes must follow a number's start for words to be read there.</summary>
    public const int Reach = 17;

    const int WordDigits = 8;
    const ulong Zeros = 0x3030_3030_3030_3030;
    const ulong Ones = 0x0101_0101_0101_0101;
    const ulong Points = '.' * Ones;

    static ReadOnlySpan<long> PowersOfTen => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    static ReadOnlySpan<double> Scales => [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>As <see cref="NumberText.TryParse(ReadOnlySpan{byte}, out double)"/> of the first bytes.</summary>
    /// <param name="text">The number and what follows it.</param>
    /// <param name="length">How long the number is.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, int length, out double value)
    {
        if (text.Length >= Reach && TryParseShort(text, length, out double number))
        {
            value = number;
            return true;
        }

        return NumberText.TryParse(text[..length], out value);
    }

    /// <summary>As <see cref="NumberText.TryParse(ReadOnlySpan{byte}, out long)"/> of the first bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int length, out long value)
    {
        if (text.Length >= Reach && TryParseShort(text, length, out long number))
        {
            value = number;
            return true;
        }

        return NumberText.TryParse(text[..length], out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryParseShort(ReadOnlySpan<byte> text, int length, out long value)
    {
        var sign = text[0] == '-' ? 1 : 0;
        var count = length - sign;
        if (count is <= 0 or > 2 * WordDigits)
        {
            value = 0;
            return false;
        }

        text = text[sign..];
        var high = count > WordDigits ? BinaryPrimitives.ReadUInt64LittleEndian(text[WordDigits..]) : 0;
        var isNumber = TryDigits(BinaryPrimitives.ReadUInt64LittleEndian(text), high, count, out var digits);
        value = (digits ^ -sign) + sign;
        return isNumber;
    }

    /// <summary>
    /// At most 15 digits and a point: an integer below 2^53 divided by a power of ten below 10^16, both exact, so that the
    /// quotient is the nearest double (W. D. Clinger, How to read floating point numbers accurately, 1990).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryParseShort(ReadOnlySpan<byte> text, int length, out double value)
    {
        var sign = text[0] == '-' ? 1 : 0;
        var count = length - sign;
        value = 0;
        if (count is <= 0 or > 2 * WordDigits)
        {
            return false;
        }

        text = text[sign..];
        var low = BinaryPrimitives.ReadUInt64LittleEndian(text);
        int point;
        long mantissa;
        bool isNumber;
        if (count <= WordDigits)
        {
            point = Math.Min(FirstPoint(low), count);
            if (point < count)
            {
                low = WithoutByte(low, low >> 8, point);
                count--;
            }

            isNumber = count > 0 & TryDigits(low, Math.Max(count, 1), out mantissa);
        }
        else
        {
            var high = BinaryPrimitives.ReadUInt64LittleEndian(text[WordDigits..]);
            point = FirstPoint(low);
            point = Math.Min(point < WordDigits ? point : WordDigits + FirstPoint(high), count);
            if (point < count)
            {
                low = point < WordDigits ? WithoutByte(low, low >> 8 | high << 56, point) : low;
                high = point < WordDigits ? high >> 8 : WithoutByte(high, high >> 8, point - WordDigits);
                count--;
            }

            isNumber = TryDigits(low, high, count, out mantissa) & count < 2 * WordDigits;
        }

        if (!isNumber)
        {
            return false;
        }

        var number = mantissa / Scales[count - point];
        value = sign != 0 ? -number : number;
        return true;
    }

    /// <summary>Where the first point of eight characters is; 8 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int FirstPoint(ulong word)
    {
        // The lowest bit found is always that of a point; those above it need not be.
        var other = word ^ Points;
        return BitOperations.TrailingZeroCount((other - Ones) & ~other & 0x80 * Ones) >> 3;
    }

    /// <summary>The bytes of a word below an index, and from there on those of the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong WithoutByte(ulong word, ulong moved, int index)
    {
        var below = (1UL << 8 * index) - 1;
        return word & below | moved & ~below;
    }

    /// <param name="count">1 to 16 digits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryDigits(ulong low, ulong high, int count, out long value)
    {
        if (count <= WordDigits)
        {
            return TryDigits(low, count, out value);
        }

        var isNumber = TryDigits(low, WordDigits, out var upper) & TryDigits(high, count - WordDigits, out var lower);
        value = upper * PowersOfTen[count - WordDigits] + lower;
        return isNumber;
    }

    /// <param name="word">Characters, the first in the lowest byte.</param>
    /// <param name="count">1 to 8: how many of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryDigits(ulong word, int count, out long value)
    {
        // To the upper end, with zeros in front: the places have the same weights whatever the number of digits.
        word = word << 64 - 8 * count | Zeros >> 4 * count >> 4 * count;
        var areDigits = ((word & 0xF0 * Ones) ^ Zeros | ((word + 6 * Ones) & 0xF0 * Ones) ^ Zeros) == 0;
        // Neighbours join to numbers of two digits, these to four, these to eight: the lower byte has the larger weight.
        word &= 0x0F * Ones;
        word = word * 10 + (word >> 8);
        value = (long)((word & 0x0000_00FF_0000_00FF) * (100 + (1_000_000UL << 32)) +
            (word >> 16 & 0x0000_00FF_0000_00FF) * (1 + (10_000UL << 32)) >> 32);
        return areDigits;
    }
}

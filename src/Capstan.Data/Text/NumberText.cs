using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Data;

/// <summary>
/// Numbers as text in the form that programs write: <c>-12</c>, <c>0.5</c>, <c>1e-9</c>; no digit groups, no other base.
/// </summary>
public static class NumberText
{
    static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
        1e22,
    ];

    // .NET's shortest texts of these two, and of no other number, read back as their neighbours.
    static readonly double[] Misread = [Math.ScaleB(1, -25), Math.ScaleB(1, -958)];

    /// <summary>The shortest text that reads back as the same double; with one digit more where .NET's own does not.</summary>
    public static string Of(double value) => value.ToString(FormatOf(value), CultureInfo.InvariantCulture);

    /// <summary>The format by which .NET writes such a text.</summary>
    public static string FormatOf(double value) => Misread.Contains(Math.Abs(value)) ? "G17" : "R";

    /// <summary>The same as a JSON number.</summary>
    public static void WriteTo(Utf8JsonWriter json, double value)
    {
        if (Misread.Contains(Math.Abs(value)))
        {
            json.WriteRawValue(Of(value));
        }
        else
        {
            json.WriteNumberValue(value);
        }
    }

    /// <summary>A 64-bit integer: an optional sign and digits. <c>1.0</c> is none, and nothing is rounded.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value) =>
        TryParseShort(text, out value) || Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && used > 0;

    /// <summary>
    /// The nearest double. <c>nan</c>, <c>inf</c> and <c>infinity</c> are read in any case, with or without a sign.
    /// </summary>
    /// <returns>False where the text is no number.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) =>
        TryParseShort(text, out value) ||
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && used > 0 ||
        TryParseWord(text, out value);

    /// <summary>Up to 18 digits, which can't overflow.</summary>
    static bool TryParseShort(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var isNegative = text is [(byte)'-', ..];
        var digits = isNegative ? text[1..] : text;
        if (digits.Length is 0 or > 18)
        {
            return false;
        }

        foreach (var character in digits)
        {
            var digit = (uint)(character - '0');
            if (digit > 9)
            {
                return false;
            }

            value = value * 10 + digit;
        }

        value = isNegative ? -value : value;
        return true;
    }

    /// <summary>
    /// Up to 15 digits with at most one point: the digits as an integer below 2^53 divided by a power of ten below 10^23, both
    /// exact, so that one correctly rounded division gives the nearest double (W. D. Clinger, How to read floating point numbers
    /// accurately, 1990).
    /// </summary>
    static bool TryParseShort(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        var isNegative = text is [(byte)'-', ..];
        var digits = isNegative ? text[1..] : text;
        if (digits.Length is 0 or > 16)
        {
            return false;
        }

        var mantissa = 0L;
        var point = -1;
        for (var position = 0; position < digits.Length; position++)
        {
            var digit = (uint)(digits[position] - '0');
            if (digit <= 9)
            {
                mantissa = mantissa * 10 + digit;
            }
            else if (digits[position] == '.' && point < 0)
            {
                point = position;
            }
            else
            {
                return false;
            }
        }

        var decimals = point < 0 ? 0 : digits.Length - point - 1;
        if (point < 0 ? digits.Length > 15 : digits.Length == 1)
        {
            return false;
        }

        value = mantissa / PowersOfTen[decimals];
        value = isNegative ? -value : value;
        return true;
    }

    static bool TryParseWord(ReadOnlySpan<byte> text, out double value)
    {
        var word = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        var isInfinite = Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8);
        value = !isInfinite ? double.NaN : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return isInfinite || Ascii.EqualsIgnoreCase(word, "nan"u8);
    }
}

using System.Buffers;
using System.Buffers.Text;

namespace Capstan.Serving;

/// <summary>
/// Takes plain tokens of JSON from valid UTF-8, moving on where it takes one. It takes less than JSON allows (no escapes), and nothing more.
/// </summary>
static class JsonScan
{
    // Every integer of so many digits is a double's exactly.
    const int ExactDigits = 15;

    static readonly double[] PowersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    static readonly SearchValues<byte> TextEnds = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(code => (byte)code)]);

    /// <summary>A text without escapes.</summary>
    public static bool TryTakeText(ReadOnlySpan<byte> body, ref int at, out ReadOnlySpan<byte> text)
    {
        text = [];
        if (at >= body.Length || body[at] != (byte)'"')
        {
            return false;
        }

        var rest = body[(at + 1)..];
        var length = rest.IndexOfAny(TextEnds);
        if (length < 0 || rest[length] != (byte)'"')
        {
            return false;
        }

        text = rest[..length];
        at += length + 2;
        return true;
    }

    /// <summary>
    /// A number as JSON writes it. Of up to 15 digits and a small exponent the one rounding of a product or quotient is the right one (Clinger
    /// 1990, "How to read floating point numbers accurately"); the rest is .NET's, as in the reference.
    /// </summary>
    public static bool TryTakeNumber(ReadOnlySpan<byte> body, ref int at, out double number)
    {
        var begin = at;
        var isNegative = body[at] == (byte)'-';
        at += isNegative ? 1 : 0;
        var mantissa = 0UL;
        var whole = at;
        while (at < body.Length && (uint)(body[at] - '0') <= 9)
        {
            mantissa = mantissa * 10 + (ulong)(body[at++] - '0');
        }

        var digits = at - whole;
        number = 0;
        if (digits == 0 || (digits > 1 && body[whole] == (byte)'0'))
        {
            return false;
        }

        var fraction = 0;
        if (at < body.Length && body[at] == (byte)'.')
        {
            var point = ++at;
            while (at < body.Length && (uint)(body[at] - '0') <= 9)
            {
                mantissa = mantissa * 10 + (ulong)(body[at++] - '0');
            }

            fraction = at - point;
            if (fraction == 0)
            {
                return false;
            }
        }

        if (digits + fraction > ExactDigits || (at < body.Length && (body[at] | 0x20) == 'e'))
        {
            return TryTakeLongNumber(body, begin, ref at, out number);
        }

        number = mantissa / PowersOfTen[fraction];
        number = isNegative ? -number : number;
        return true;
    }

    /// <param name="at">Behind the fraction; moved behind the exponent, if there is one.</param>
    static bool TryTakeLongNumber(ReadOnlySpan<byte> body, int begin, ref int at, out double number)
    {
        if (at < body.Length && (body[at] | 0x20) == 'e')
        {
            at++;
            at += at < body.Length && body[at] is (byte)'+' or (byte)'-' ? 1 : 0;
            var exponent = at;
            while (at < body.Length && (uint)(body[at] - '0') <= 9)
            {
                at++;
            }

            if (at == exponent)
            {
                number = 0;
                return false;
            }
        }

        return Utf8Parser.TryParse(body[begin..at], out number, out var used) && used == at - begin && double.IsFinite(number);
    }

    public static bool TryTakeInteger(ReadOnlySpan<byte> body, ref int at, out long integer)
    {
        const int SafeDigits = 18;
        var isNegative = body[at] == (byte)'-';
        at += isNegative ? 1 : 0;
        var begin = at;
        integer = 0;
        while (at < body.Length && (uint)(body[at] - '0') <= 9 && at - begin <= SafeDigits)
        {
            integer = integer * 10 + (body[at++] - '0');
        }

        integer = isNegative ? -integer : integer;
        var digits = at - begin;
        return digits is > 0 and <= SafeDigits && (digits == 1 || body[begin] != (byte)'0') &&
            !(at < body.Length && body[at] is (byte)'.' or (byte)'e' or (byte)'E');
    }

    public static bool TakeWord(ReadOnlySpan<byte> body, ref int at, ReadOnlySpan<byte> word)
    {
        var found = body[at..].StartsWith(word);
        at += found ? word.Length : 0;
        return found;
    }

    public static bool Take(ReadOnlySpan<byte> body, ref int at, byte expected)
    {
        var next = at < body.Length && body[at] > (byte)' ' ? at : SkipSpace(body, at);
        if (next >= body.Length || body[next] != expected)
        {
            return false;
        }

        at = next + 1;
        return true;
    }

    public static int SkipSpace(ReadOnlySpan<byte> body, int at)
    {
        while (at < body.Length && body[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }

        return at;
    }
}

using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Timestamps as ISO 8601 text: <c>2001-03-31</c>, <c>2001-03-31T23:59</c>, <c>…:30</c>, <c>…:30.25</c>, a space for the T,
/// and at the end nothing, <c>Z</c>, <c>+02</c>, <c>+0200</c> or <c>+02:00</c>.
/// </summary>
/// <remarks>
/// Without an offset the text is the wall time that the data holds, taken as it is. With one it is converted to UTC, which is
/// what the file reader does with the same text, so that a raw row means the same in training and in a request. Digits after
/// the sixth of a second's fraction are cut off.
/// </remarks>
static class TimestampText
{
    /// <param name="text">UTF-8 bytes.</param>
    /// <param name="microseconds">Since 1970-01-01T00:00:00.</param>
    /// <returns>
    /// False where the text is not one of the forms above, or no such day or time exists in the years 1 to 9999.
    /// </returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (!Digits(ref text, 4, out var year) || !Skip(ref text, '-') ||
            !Digits(ref text, 2, out var month) || !Skip(ref text, '-') ||
            !Digits(ref text, 2, out var day) || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        microseconds = Timestamps.FromDateTime(new DateTime(year, month, day));
        return text.IsEmpty || TryAddTime(text, ref microseconds);
    }

    static bool TryAddTime(ReadOnlySpan<byte> text, ref long microseconds)
    {
        if (!(Skip(ref text, 'T') || Skip(ref text, ' ')) || !Digits(ref text, 2, out var hour) || !Skip(ref text, ':') ||
            !Digits(ref text, 2, out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        var second = 0;
        var fraction = 0L;
        if (Skip(ref text, ':') && (!Digits(ref text, 2, out second) || second > 59 ||
            Skip(ref text, '.') && !TryFraction(ref text, out fraction)))
        {
            return false;
        }

        microseconds += ((hour * 60 + minute) * 60 + second) * Timestamps.MicrosecondsPerSecond + fraction;
        if (!TryOffset(text, out var offsetMinutes))
        {
            return false;
        }

        microseconds -= offsetMinutes * 60 * Timestamps.MicrosecondsPerSecond;
        return microseconds >= Timestamps.MinValue && microseconds <= Timestamps.MaxValue;
    }

    static bool TryFraction(ref ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        var digits = 0;
        for (; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++)
        {
            microseconds = digits < 6 ? microseconds * 10 + (text[digits] - '0') : microseconds;
        }

        for (var missing = digits; missing < 6; missing++)
        {
            microseconds *= 10;
        }

        text = text[digits..];
        return digits > 0;
    }

    static bool TryOffset(ReadOnlySpan<byte> text, out long minutes)
    {
        minutes = 0;
        if (text.IsEmpty || Skip(ref text, 'Z'))
        {
            return text.IsEmpty;
        }

        var sign = text[0] == '-' ? -1 : 1;
        if (!(Skip(ref text, '+') || Skip(ref text, '-')) || !Digits(ref text, 2, out var hours) || hours > 18)
        {
            return false;
        }

        var rest = 0;
        if (!text.IsEmpty)
        {
            Skip(ref text, ':');
            if (!Digits(ref text, 2, out rest) || rest > 59)
            {
                return false;
            }
        }

        minutes = sign * (hours * 60 + rest);
        return text.IsEmpty;
    }

    static bool Digits(ref ReadOnlySpan<byte> text, int count, out int value)
    {
        value = 0;
        if (text.Length < count)
        {
            return false;
        }

        foreach (var digit in text[..count])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = value * 10 + (digit - '0');
        }

        text = text[count..];
        return true;
    }

    static bool Skip(ref ReadOnlySpan<byte> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected)
        {
            return false;
        }

        text = text[1..];
        return true;
    }

    /// <summary>The text that parses back to the same timestamp; a fraction only where there is one.</summary>
    public static byte[] Format(long microseconds) => Encoding.ASCII.GetBytes(
        Timestamps.ToDateTime(microseconds).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
}

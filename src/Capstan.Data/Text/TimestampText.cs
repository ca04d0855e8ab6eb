using System.Globalization;

namespace Capstan.Data;

/// <summary>
/// Timestamps as ISO 8601 text: <c>2001-03-31</c>, <c>2001-03-31T23:59</c>, <c>…:30</c>, <c>…:30.25</c>, a space for the T,
/// and at the end nothing, <c>Z</c>, <c> UTC</c>, <c>+02</c>, <c>+0200</c> or <c>+02:00</c>.
/// </summary>
/// <remarks>
/// Text without an offset is wall time, taken as it is; with one it is converted to UTC. Digits after the sixth of a second's
/// fraction are cut off. Years 1 to 9999.
/// </remarks>
public static class TimestampText
{
    /// <param name="text">UTF-8 bytes, without surrounding spaces.</param>
    /// <param name="microseconds">Since 1970-01-01T00:00:00; 0 where the text is no timestamp.</param>
    /// <returns>False where the text has none of the forms above or names a day or time that does not exist.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !Number(text[..4], out var year) ||
            !Number(text[5..7], out var month) || !Number(text[8..10], out var day) ||
            year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var midnight = Timestamps.FromDateTime(new DateTime(year, month, day));
        if (text.Length > 10)
        {
            if (text[10] is not ((byte)'T' or (byte)' ') || !TimeOfDay(text[11..], out var time))
            {
                return false;
            }

            midnight += time;
        }

        if (midnight < Timestamps.MinValue || midnight > Timestamps.MaxValue)
        {
            return false;
        }

        microseconds = midnight;
        return true;
    }

    /// <summary>
    /// The shortest text that reads back as the same value: a day alone at midnight, a fraction only where there is one.
    /// </summary>
    public static string Format(long microseconds)
    {
        var time = Timestamps.ToDateTime(microseconds);
        return time.ToString(
            time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
    }

    /// <summary>Hours, minutes, perhaps seconds and a fraction, perhaps an offset, as microseconds to add to midnight.</summary>
    static bool TimeOfDay(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 5 || text[2] != ':' || !Number(text[..2], out var hour) || !Number(text[3..5], out var minute) ||
            hour > 23 || minute > 59)
        {
            return false;
        }

        text = text[5..];
        var second = 0;
        var fraction = 0L;
        if (text.Length >= 3 && text[0] == ':')
        {
            if (!Number(text[1..3], out second) || second > 59)
            {
                return false;
            }

            text = text[3..];
            if (!text.IsEmpty && text[0] == '.' && !Fraction(ref text, out fraction))
            {
                return false;
            }
        }

        microseconds = ((hour * 60 + minute) * 60 + second) * Timestamps.MicrosecondsPerSecond + fraction;
        return Offset(text, ref microseconds);
    }

    static bool Fraction(ref ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length - 1 : digits;
        for (var position = 0; position < 6; position++)
        {
            microseconds = microseconds * 10 + (position < digits ? text[1 + position] - '0' : 0);
        }

        text = text[(1 + digits)..];
        return digits > 0;
    }

    static bool Offset(ReadOnlySpan<byte> text, ref long microseconds)
    {
        if (text.IsEmpty || text is [(byte)'Z'] || text.SequenceEqual(" UTC"u8))
        {
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || text.Length == 6 && text[3] != ':')
        {
            return false;
        }

        var minutes = 0;
        if (!Number(text[1..3], out var hours) || hours > 18 || text.Length > 3 &&
            (!Number(text[^2..], out minutes) || minutes > 59))
        {
            return false;
        }

        var offset = (hours * 60 + minutes) * 60 * Timestamps.MicrosecondsPerSecond;
        microseconds -= text[0] == '-' ? -offset : offset;
        return true;
    }

    static bool Number(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = value * 10 + (digit - '0');
        }

        return true;
    }
}

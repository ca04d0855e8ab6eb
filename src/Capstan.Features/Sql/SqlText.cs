using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Names and constants as SQL text.</summary>
static class SqlText
{
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>A table's name; dots stand between the parts of a qualified one.</summary>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public static string Table(string name)
    {
        var parts = name.Split('.');
        return parts.Contains("")
            ? throw new ArgumentException($"The table '{name}' has an empty part; expected a name such as trips or public.trips.", nameof(name))
            : string.Join(".", parts.Select(Identifier));
    }

    /// <summary>A double-precision constant, to the bit.</summary>
    public static string Number(double value, SqlDialect dialect)
    {
        // −0 does not occur in an expression's values.
        var digits = NumberText.Of(value == 0 ? 0 : value);
        // What has no exponent would be a decimal number, with a decimal's arithmetic.
        var approximate = digits.Contains('E') ? digits : $"{digits}E0";
        return dialect == SqlDialect.PostgreSql ? $"CAST('{digits}' AS double precision)" : value < 0 ? $"({approximate})" : approximate;
    }

    public static string Integer(long value) => value == long.MinValue
        ? "(-9223372036854775807 - 1)"
        : value < 0 ? $"({value.ToString(CultureInfo.InvariantCulture)})" : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A time constant.</summary>
    /// <param name="microseconds">In the years 1 to 9999.</param>
    public static string Timestamp(long microseconds, SqlDialect dialect)
    {
        var text = Timestamps.ToDateTime(microseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return dialect == SqlDialect.PostgreSql ? $"CAST('{text}' AS timestamp)" : $"TIMESTAMP '{text}'";
    }

    /// <param name="seconds">Within a day.</param>
    public static string SecondsInterval(int seconds, SqlDialect dialect) =>
        dialect == SqlDialect.Ansi ? $"INTERVAL '{seconds}' SECOND(5)" : $"INTERVAL '{seconds} seconds'";

    /// <summary>
    /// <c>results[i]</c> where i of the increasing <paramref name="borders"/> do not exceed x, found by halving.
    /// </summary>
    public static string Search(string x, ReadOnlySpan<string> borders, ReadOnlySpan<string> results)
    {
        if (borders.IsEmpty)
        {
            return results[0];
        }

        var middle = borders.Length / 2;
        return $"CASE WHEN {x} < {borders[middle]} THEN {Search(x, borders[..middle], results[..(middle + 1)])} " +
            $"ELSE {Search(x, borders[(middle + 1)..], results[(middle + 1)..])} END";
    }

    public static string Quote(string value) => $"'{value.Replace("'", "''")}'";

    /// <summary>A text constant, compared byte by byte.</summary>
    public static string Text(Expr expr, string value, SqlDialect dialect)
    {
        if (value.Contains('\0'))
        {
            throw new SqlNotSupportedException(expr, dialect, "the text holds the character U+0000, which SQL text can't.");
        }

        var quoted = Quote(value);
        // A backslash means itself or not by a setting of the server, unless the text says which.
        return dialect switch
        {
            SqlDialect.PostgreSql when value.Contains('\\') => $"E{quoted.Replace("\\", "\\\\")} COLLATE \"C\"",
            SqlDialect.PostgreSql => $"{quoted} COLLATE \"C\"",
            _ => quoted,
        };
    }
}

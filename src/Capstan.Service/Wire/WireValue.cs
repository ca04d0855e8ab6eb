using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>Single values: what a client may write, in the one form in which they are stored and answered.</summary>
static class WireValue
{
    /// <returns>Null: the element is no such value.</returns>
    public static JsonNode? Read(JsonElement element, MessageField field) => field.Type switch
    {
        WireType.Text => element.ValueKind == JsonValueKind.String && TextOf(element) is { } text ? text : null,
        WireType.Enumeration => Enumeration(element, field.Values),
        WireType.Boolean => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : null,
        WireType.Int32 => Integer(element) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null,
        WireType.Int64 => Integer(element) is { } number ? number.ToString(CultureInfo.InvariantCulture) : null,
        WireType.Double => Number(element),
        WireType.Bytes => Bytes(element),
        WireType.Timestamp => Instant(element),
        WireType.Duration => Duration(element),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Describe(MessageField field) => field.Type switch
    {
        WireType.Text => "a text",
        WireType.Enumeration => $"one of {string.Join(", ", field.Values)}",
        WireType.Boolean => "true or false",
        WireType.Int32 => "an integer of 32 bits",
        WireType.Int64 => "an integer of 64 bits",
        WireType.Double => "a finite number",
        WireType.Bytes => "bytes in base 64",
        WireType.Timestamp => "a time such as 2026-01-31T23:59:00Z",
        WireType.Duration => "a duration such as \"3.5s\"",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A time as answers have it.</summary>
    public static string Instant(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The seconds of a duration that was read.</summary>
    public static TimeSpan Seconds(string duration) =>
        TimeSpan.FromSeconds(double.Parse(duration[..^1], CultureInfo.InvariantCulture));

    /// <returns>Null: the text holds half a character, which JSON can write and nothing can store.</returns>
    static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static JsonNode? Enumeration(JsonElement element, IReadOnlyList<string> values) => element.ValueKind switch
    {
        JsonValueKind.String when TextOf(element) is { } text && values.Contains(text) => text,
        JsonValueKind.Number when element.TryGetInt32(out var index) && index >= 0 && index < values.Count => values[index],
        _ => null,
    };

    static long? Integer(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number when element.TryGetInt64(out var number) => number,
        JsonValueKind.Number when element.TryGetDouble(out var number) && double.IsInteger(number) &&
            Math.Abs(number) < 1L << 53 => (long)number,
        JsonValueKind.String when long.TryParse(TextOf(element), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var number) => number,
        _ => null,
    };

    static JsonNode? Number(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number when element.TryGetDouble(out var number) && double.IsFinite(number) => number,
        JsonValueKind.String when double.TryParse(TextOf(element), NumberStyles.Float, CultureInfo.InvariantCulture,
            out var number) &&
            double.IsFinite(number) => number,
        _ => null,
    };

    static JsonNode? Bytes(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String || TextOf(element) is not { } text)
        {
            return null;
        }

        // Clients write either alphabet, with or without padding.
        var plain = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var padded = plain + new string('=', (4 - plain.Length % 4) % 4);
        return Convert.TryFromBase64String(padded, new byte[padded.Length], out _) ? padded : null;
    }

    static JsonNode? Instant(JsonElement element) =>
        element.ValueKind == JsonValueKind.String && TextOf(element) is { Length: >= 20 } text && text[10] is 'T' or 't' &&
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Instant(time)
            : null;

    /// <summary><c>"3.5s"</c>, or as the study client writes it: <c>{"seconds": 3, "nanos": 500000000}</c>.</summary>
    static JsonNode? Duration(JsonElement element)
    {
        decimal seconds;
        if (element.ValueKind == JsonValueKind.Object)
        {
            seconds = 0;
            foreach (var member in element.EnumerateObject())
            {
                if (member.Name is not ("seconds" or "nanos") || Integer(member.Value) is not { } number)
                {
                    return null;
                }

                seconds += member.Name == "seconds" ? number : number / 1_000_000_000m;
            }
        }
        else if (element.ValueKind != JsonValueKind.String || TextOf(element) is not [.. var digits, 's'] ||
            !decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out seconds))
        {
            return null;
        }

        return Math.Abs(seconds) <= 315_576_000_000m
            ? $"{decimal.Round(seconds, 9).ToString("0.#########", CultureInfo.InvariantCulture)}s"
            : null;
    }
}

using System.Text;
using System.Text.Json;
using Capstan.Data;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>Where in a request its caller's key stands.</summary>
enum StickyPlace
{
    Header,
    Cookie,
    Field,
}

/// <summary>What callers stick by: a header, a cookie, or a field of the first instance.</summary>
sealed record StickyKey(StickyPlace Place, string Name)
{
    /// <param name="text"><c>header:X-User</c>, <c>cookie:user</c> or <c>field:customer</c>.</param>
    /// <exception cref="ArgumentException">It is not one of them.</exception>
    public static StickyKey Parse(string text)
    {
        var colon = text.IndexOf(':');
        var name = text[(colon + 1)..];
        StickyPlace? place = text[..Math.Max(0, colon)] switch
        {
            "header" => StickyPlace.Header,
            "cookie" => StickyPlace.Cookie,
            "field" => StickyPlace.Field,
            _ => null,
        };
        return place is { } known && name.Length > 0
            ? new StickyKey(known, name)
            : throw new ArgumentException(
                $"The sticky key '{text}' is none; expected header:NAME, cookie:NAME or field:NAME, such as header:X-User.");
    }

    /// <summary>The caller's key.</summary>
    /// <param name="body">The body of a predict request, where the key is a field; otherwise it is not looked at.</param>
    /// <returns>The key's text; null where the request has none, and any version may answer.</returns>
    public string? Of(HttpRequest request, ReadOnlySpan<byte> body) => Place switch
    {
        StickyPlace.Header => request.Headers[Name] is { Count: > 0 } values ? values[0] : null,
        StickyPlace.Cookie => request.Cookies[Name],
        _ => FieldOf(body),
    };

    /// <summary>The same key gives the same hash on every machine; another model's callers are divided independently.</summary>
    public static ulong Hash(string model, string key) =>
        ValueHash.Mix(ValueHash.Of(Encoding.UTF8.GetBytes(key)) ^ ValueHash.Of(Encoding.UTF8.GetBytes(model)));

    /// <summary>The field of the first instance, as it is written; a text without its quotes.</summary>
    string? FieldOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!EnterFirstInstance(ref reader))
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(Name);
                reader.Read();
                if (found)
                {
                    return reader.TokenType switch
                    {
                        JsonTokenType.String => reader.GetString(),
                        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                        _ => null,
                    };
                }

                reader.Skip();
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // Whoever reads the whole body says what is wrong with it.
        }

        return null;
    }

    static bool EnterFirstInstance(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("instances"u8);
            reader.Read();
            if (found)
            {
                return reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            }

            reader.Skip();
        }

        return false;
    }
}

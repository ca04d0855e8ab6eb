using System.Collections.Immutable;
using System.Text.Json;

namespace Capstan.Serving;

/// <summary>Says why a body is no JSON, and where. Off the hot path, so it may allocate.</summary>
static class JsonDiagnosis
{
    static readonly ImmutableArray<string> NotFinite = ["NaN", "Infinity", "-Infinity", "+Infinity", "-NaN"];

    /// <summary>Where reading stopped: at a bare NaN or infinity, which many languages write, or at something else.</summary>
    public static Problem Of(JsonException problem, ReadOnlySpan<byte> body, long consumed, int? instance, string? field)
    {
        var offset = (int)consumed;
        while (offset < body.Length && " \n\r\t:,"u8.Contains(body[offset]))
        {
            offset++;
        }

        var rest = body[offset..];
        foreach (var token in NotFinite)
        {
            if (rest.Length >= token.Length && System.Text.Ascii.EqualsIgnoreCase(rest[..token.Length], token))
            {
                return RequestProblems.NotFinite(token, instance, field);
            }
        }

        // The runtime's words, without their position (ours counts bytes of the body) and without advice to our programmers.
        var reason = problem.Message.Split(" LineNumber:")[0].Replace(" in this mode. Change the reader options.", ".");
        return RequestProblems.NotJson(reason, offset, body, instance, field);
    }

    /// <summary>The byte at which the body stops being UTF-8.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> body)
    {
        var offset = 0;
        while (System.Text.Rune.DecodeFromUtf8(body[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }
}

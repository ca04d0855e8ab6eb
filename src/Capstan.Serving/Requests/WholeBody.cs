using System.Text.Json;
using System.Text.Unicode;

namespace Capstan.Serving;

/// <summary>What reads the one JSON value of a body, token by token, and leaves the reader behind its end.</summary>
interface IBodyParser
{
    void ReadBody(ref Utf8JsonReader reader);
}

/// <summary>Reads bodies whose refusals name no instance.</summary>
static class WholeBody
{
    /// <exception cref="RefusedRequestException">The body is no UTF-8, no JSON, or not what the parser takes.</exception>
    public static void Read(ReadOnlySpan<byte> body, IBodyParser parser)
    {
        if (!Utf8.IsValid(body))
        {
            throw new RefusedRequestException(RequestProblems.NotUtf8(JsonDiagnosis.FirstInvalid(body)));
        }

        var reader = new Utf8JsonReader(body);
        try
        {
            parser.ReadBody(ref reader);
        }
        catch (JsonException problem)
        {
            throw new RefusedRequestException(JsonDiagnosis.Of(problem, body, reader.BytesConsumed, null, null));
        }
        catch (InvalidOperationException)
        {
            throw new RefusedRequestException(RequestProblems.InvalidText(null, null));
        }
    }
}

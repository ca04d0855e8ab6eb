using System.Buffers;
using System.Text.Json;

namespace Capstan.Serving;

/// <summary>
/// Writes a refusal: problem+json (RFC 9457) whose member "error" repeats "detail", because clients of <c>ml/v1</c> look for
/// it (decision 0050).
/// </summary>
static class ProblemWriter
{
    public const string ContentType = "application/problem+json";

    public static byte[] Write(Problem problem, string requestId)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, problem.Message);
            json.WriteString("code"u8, problem.Code);
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("title"u8, problem.Title);
            json.WriteString("detail"u8, problem.Message);
            if (problem.Instance is { } instance)
            {
                json.WriteNumber("instanceIndex"u8, instance);
            }

            if (problem.Field is { } field)
            {
                json.WriteString("field"u8, field);
            }

            json.WriteString("requestId"u8, requestId);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}

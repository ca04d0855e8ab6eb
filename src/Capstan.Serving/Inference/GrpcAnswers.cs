using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// Writes answers and refusals as gRPC has them: the status comes behind the message, in trailers. To a gateway, which speaks HTTP/1.1, it goes
/// before the message, in headers, and the gateway puts it where it belongs.
/// </summary>
/// <remarks>Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Responses".</remarks>
static class GrpcAnswers
{
    public const string ContentType = "application/grpc";

    /// <summary>The code of a refusal, which over HTTP/1.1 is in its body.</summary>
    public const string CodeTrailer = "x-capstan-code";

    public const string StatusTrailer = "grpc-status";
    public const string MessageTrailer = "grpc-message";

    /// <summary>Whether a request speaks gRPC.</summary>
    public static bool Expects(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith(ContentType, StringComparison.Ordinal);

    /// <param name="message">Behind its prefix.</param>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> message)
    {
        context.Response.ContentType = ContentType;
        Put(context, StatusTrailer, "0");
        await context.Response.BodyWriter.WriteAsync(message, context.RequestAborted);
    }

    /// <summary>Says why there is no other answer; where one has begun, the call ends.</summary>
    public static async Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.ContentType = ContentType;
        Put(context, StatusTrailer, GrpcProblems.CodeOf(problem).ToString(CultureInfo.InvariantCulture));
        Put(context, MessageTrailer, Escape(problem.Message));
        Put(context, CodeTrailer, problem.Code);
        await context.Response.StartAsync(context.RequestAborted);
    }

    static void Put(HttpContext context, string name, string value)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.AppendTrailer(name, value);
        }
        else
        {
            context.Response.Headers[name] = value;
        }
    }

    /// <summary>Percent-encoded UTF-8 but for printable ASCII, as the protocol wants messages.</summary>
    static string Escape(string message)
    {
        var escaped = new StringBuilder(message.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(message))
        {
            if (unit is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                escaped.Append((char)unit);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return escaped.ToString();
    }
}

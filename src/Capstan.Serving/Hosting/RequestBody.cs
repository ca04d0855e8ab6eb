using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>Reads a request's body whole, within a limit.</summary>
static class RequestBody
{
    /// <summary>
    /// Reads to the end of the body; the caller advances the request's reader past <c>Buffer.End</c> when done with it.
    /// </summary>
    /// <exception cref="RefusedRequestException">The body is larger than the limit.</exception>
    public static async ValueTask<ReadResult> ReadAsync(HttpContext context, int maxBytes)
    {
        Require(context.Request.ContentLength ?? 0, maxBytes);
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync(context.RequestAborted);
        while (!read.IsCompleted && read.Buffer.Length <= maxBytes)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(context.RequestAborted);
        }

        if (read.Buffer.Length > maxBytes)
        {
            reader.AdvanceTo(read.Buffer.End);
            Require(long.MaxValue, maxBytes);
        }

        return read;
    }

    static void Require(long bytes, int maxBytes)
    {
        if (bytes > maxBytes)
        {
            throw new RefusedRequestException(HttpProblems.BodyTooLarge(maxBytes));
        }
    }
}

using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>Whole bodies in memory, up to a limit.</summary>
static class BodyReader
{
    /// <exception cref="ServiceException">The body is larger than the limit; no more than that of it was read.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int mostBytes)
    {
        if (context.Request.ContentLength is { } length && length > mostBytes)
        {
            throw TooLarge(context, mostBytes);
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > mostBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge(context, mostBytes);
            }

            if (read.IsCompleted)
            {
                var body = System.Buffers.BuffersExtensions.ToArray(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                return body.AsSpan().StartsWith("\uFEFF"u8) ? body.AsMemory("\uFEFF"u8.Length) : body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    static ServiceException TooLarge(HttpContext context, int mostBytes)
    {
        // The rest is not read: a caller that goes on sending is told, and the connection ends.
        context.Response.Headers.Connection = "close";
        return new ServiceException(
            StatusCode.InvalidArgument,
            $"The body is larger than {mostBytes:N0} bytes, the most that this method takes. Send less at a time.")
        {
            HttpStatus = 413,
        };
    }
}

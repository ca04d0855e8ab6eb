using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// What HTTP alone costs here: <c>POST /bare/BYTES</c> reads the body and answers so many bytes. Only for measuring, and
/// only where a replica is controlled by a token.
/// </summary>
static class BareAnswer
{
    const string Path = "/bare/";
    const int MostBytes = 1 << 16;

    static readonly byte[] Answer = new byte[MostBytes];

    public static bool Recognizes(HttpRequest request, out int bytes)
    {
        bytes = 0;
        var path = request.Path.Value.AsSpan();
        return path.StartsWith(Path) && int.TryParse(path[Path.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out bytes) &&
            bytes <= MostBytes;
    }

    public static async Task HandleAsync(HttpContext context, int bytes, int maxBodyBytes)
    {
        var read = await RequestBody.ReadAsync(context, maxBodyBytes);
        context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        await Answers.WriteAsync(context, Answer.AsMemory(0, bytes));
    }
}

using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// Answers bodies of JSON lines, of any length: an object a line in, a prediction a line out, in the same order, while the body is still
/// coming. What is wrong before the first answer is a refusal like any other; later it ends the connection, because the status has been sent.
/// </summary>
static class LineScoring
{
    const int LinesAtOnce = 512;

    public const string ContentType = "application/jsonl";

    /// <summary>Whether a request's body is JSON lines, by any of the names in use.</summary>
    public static bool Recognizes(HttpRequest request) => request.ContentType is { } type &&
        (type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) ||
            type.StartsWith("application/x-ndjson", StringComparison.OrdinalIgnoreCase) ||
            type.StartsWith("application/x-jsonlines", StringComparison.OrdinalIgnoreCase));

    /// <param name="maxLineBytes">Of one line.</param>
    /// <exception cref="RefusedRequestException">A line is too long, or not what the model takes.</exception>
    public static async Task HandleAsync(HttpContext context, ScoringLane lane, int maxLineBytes)
    {
        var body = context.Request.BodyReader;
        var (number, waiting) = (0, 0);
        context.Response.ContentType = ContentType;
        lane.BeginLines();
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            var rest = read.Buffer;
            try
            {
                while (TryTakeLine(ref rest, read.IsCompleted, out var line))
                {
                    if (IsEmpty(line))
                    {
                        continue;
                    }

                    lane.AddLine(line, number++);
                    if (++waiting == LinesAtOnce)
                    {
                        await AnswerAsync(context, lane, number - waiting);
                        waiting = 0;
                    }
                }

                if (rest.Length > maxLineBytes)
                {
                    throw new RefusedRequestException(HttpProblems.BodyTooLarge(maxLineBytes));
                }
            }
            finally
            {
                body.AdvanceTo(rest.Start, read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        if (waiting > 0)
        {
            await AnswerAsync(context, lane, number - waiting);
        }
    }

    static async Task AnswerAsync(HttpContext context, ScoringLane lane, int first)
    {
        await context.Response.BodyWriter.WriteAsync(lane.AnswerLines(first), context.RequestAborted);
        lane.BeginLines();
    }

    /// <summary>The last line may lack its end.</summary>
    static bool TryTakeLine(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = rest;
        if (!isLast || rest.IsEmpty)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        return true;
    }

    static bool IsEmpty(in ReadOnlySequence<byte> line) => line.IsEmpty || (line.Length == 1 && line.FirstSpan[0] == (byte)'\r');
}

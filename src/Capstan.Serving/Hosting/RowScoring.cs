using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// Answers bodies of any length row by row: JSON lines or CSV in, predictions out in the same form and order, while the body is still coming.
/// What is wrong before the first answer is a refusal like any other; later it ends the connection, because the status has been sent.
/// </summary>
static class RowScoring
{
    const int RowsAtOnce = 512;

    /// <summary>The form of a request's body, by any of the names in use; null where it is none of many rows.</summary>
    public static IRowFormat? FormatOf(HttpRequest request)
    {
        var type = request.ContentType;
        if (type is null)
        {
            return null;
        }

        if (Is(type, "application/jsonl") || Is(type, "application/x-ndjson") || Is(type, "application/x-jsonlines"))
        {
            return JsonLinesFormat.Instance;
        }

        return Is(type, "text/csv") ? new CsvFormat(HeaderOf(type)) : null;
    }

    /// <param name="maxRowBytes">Of one row.</param>
    /// <exception cref="RefusedRequestException">A row is too long, or not what the model takes.</exception>
    public static async Task HandleAsync(HttpContext context, ModelSlot slot, ScoringLane lane, IRowFormat format, int maxRowBytes)
    {
        var body = context.Request.BodyReader;
        var (number, waiting) = (0, 0);
        context.Response.ContentType = format.ContentType;
        format.Begin(lane);
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            var rest = read.Buffer;
            try
            {
                while (format.TryTake(ref rest, read.IsCompleted, out var record))
                {
                    if (!format.TryAdd(lane, record, number))
                    {
                        continue;
                    }

                    number++;
                    if (++waiting == RowsAtOnce)
                    {
                        await AnswerAsync(context, slot, lane, format, number - waiting);
                        waiting = 0;
                    }
                }

                if (rest.Length > maxRowBytes)
                {
                    throw new RefusedRequestException(HttpProblems.BodyTooLarge(maxRowBytes));
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

        // Of no rows at all, a form may still have something to say: a header.
        if (waiting > 0 || number == 0)
        {
            await AnswerAsync(context, slot, lane, format, number - waiting);
        }
    }

    static async Task AnswerAsync(HttpContext context, ModelSlot slot, ScoringLane lane, IRowFormat format, int first)
    {
        var answer = slot.IsElsewhere ? await AnswerElsewhereAsync(context, slot, lane, format, first) : format.Answer(lane, first);
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
        format.Begin(lane);
    }

    static ValueTask<ReadOnlyMemory<byte>> AnswerElsewhereAsync(
        HttpContext context, ModelSlot slot, ScoringLane lane, IRowFormat format, int first) =>
        slot.RunAsync(() => format.Answer(lane, first), context.RequestAborted);

    static bool Is(string type, string name) => type.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 4180's parameter: "text/csv; header=absent".</summary>
    static bool? HeaderOf(string type) =>
        type.Contains("header=present", StringComparison.OrdinalIgnoreCase) ? true
        : type.Contains("header=absent", StringComparison.OrdinalIgnoreCase) ? false : null;
}

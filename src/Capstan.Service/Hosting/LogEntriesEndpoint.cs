using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>
/// The logs of a job as <c>gcloud ai-platform jobs stream-logs</c> asks for them: <c>POST /v2/entries:list</c> of Google's
/// logging interface, with the one filter that it sends.
/// </summary>
sealed partial class LogEntriesEndpoint(Engine engine, AccessControl access) : IPlainEndpoint
{
    const int MostLines = 1000;

    public string Name => "logging.entries.list";

    public async Task<bool> TryHandleAsync(HttpContext context)
    {
        if (context.Request.Path != "/v2/entries:list" || !HttpMethods.IsPost(context.Request.Method))
        {
            return false;
        }

        var body = ReadBody(await BodyReader.ReadAsync(context, engine.Options.MaxBodyBytes));
        var project = $"{(body?["resourceNames"] as JsonArray)?.FirstOrDefault()}";
        var filter = $"{body?["filter"]}";
        var job = $"{project}/jobs/{JobId.Match(filter).Groups[1].Value}";
        var caller = await access.CallerOfAsync(context);
        await access.RequireAsync(caller, "ml.jobs.get", job, context.RequestAborted);
        var after = Paging.After($"{body?["pageToken"]}", byName: false) as long? ?? 0;
        var lines = await engine.Database.ReadAsync(
            session => session.Logs.ReadAsync(job, after, MostLines, context.RequestAborted), context.RequestAborted);
        var (from, to) = (Bound(From.Match(filter)), Bound(To.Match(filter)));
        var entries = new JsonArray(
        [
            .. lines.Where(line => !(line.At < from) && !(line.At >= to)).Select(line => new JsonObject
            {
                ["insertId"] = $"{line.Sequence:D12}", ["timestamp"] = WireValue.Instant(line.At), ["severity"] = line.Severity,
                ["textPayload"] = line.Text,
                ["logName"] = $"{project}/logs/{line.Replica}",
                ["resource"] = new JsonObject
                {
                    ["type"] = "ml_job",
                    ["labels"] = new JsonObject { ["job_id"] = job[(job.LastIndexOf('/') + 1)..], ["task_name"] = line.Replica },
                },
            }),
        ]);
        var answer = new JsonObject { ["entries"] = entries };
        if (lines.Count == MostLines)
        {
            answer["nextPageToken"] = Paging.TokenOf(lines[^1].Sequence);
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, JsonText.Options),
            context.RequestAborted);
        return true;
    }

    static JsonNode? ReadBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span);
        }
        catch (JsonException problem)
        {
            throw new ServiceException(StatusCode.InvalidArgument, $"The body is no JSON that can be read: {problem.Message}");
        }
    }

    static DateTimeOffset? Bound(Match match) => match.Success &&
        DateTimeOffset.TryParse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture, out var time) ? time
            : null;

    [GeneratedRegex("job_id=\"([A-Za-z0-9_]*)\"")]
    static partial Regex JobId { get; }

    [GeneratedRegex("timestamp>=?\"([^\"]*)\"")]
    static partial Regex From { get; }

    [GeneratedRegex("timestamp<\"([^\"]*)\"")]
    static partial Regex To { get; }
}

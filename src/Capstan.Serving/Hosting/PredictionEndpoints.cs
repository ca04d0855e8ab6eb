using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

/// <summary>Which address leads where, and the edge at which every failure becomes an answer. Thread-safe.</summary>
sealed partial class PredictionEndpoints(ServedModels models, int maxBodyBytes, ILoggerFactory loggers)
{
    const string ModelsPath = "/v1/models";
    const string PredictVerb = "predict";
    const string ExplainVerb = "explain";
    const int LongestRequestId = 128;

    static readonly byte[] Healthy = [.. "{\"status\":\"ok\"}"u8];

    readonly ILogger _logger = loggers.CreateLogger<PredictionServer>();

    public async Task HandleAsync(HttpContext context)
    {
        var requestId = RequestIdOf(context);
        context.Response.Headers["X-Request-Id"] = requestId;
        Problem problem;
        try
        {
            await RouteAsync(context);
            return;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to tell.
            return;
        }
        catch (RefusedRequestException refusal)
        {
            problem = refusal.Problem;
        }
        catch (BadHttpRequestException refusal)
        {
            problem = HttpProblems.Of(refusal);
        }
        catch (Exception failure)
        {
            // The edge of the request: whatever a model throws must not reach the caller as a broken connection.
            LogFailure(failure, requestId, context.Request.Path);
            problem = HttpProblems.Internal(requestId);
        }

        await RefuseAsync(context, problem, requestId);
    }

    Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value.AsSpan();
        if (path is "/healthz")
        {
            RequireMethod(context, HttpMethods.Get);
            return AnswerAsync(context, Healthy);
        }

        if (path is ModelsPath)
        {
            RequireMethod(context, HttpMethods.Get);
            return AnswerAsync(context, SignatureWriter.WriteList(models.All.Select(slot => slot.Model)));
        }

        var rest = path.StartsWith(ModelsPath + "/") ? path[(ModelsPath.Length + 1)..] : [];
        if (rest.IsEmpty || rest.Contains('/'))
        {
            throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }

        var colon = rest.IndexOf(':');
        var name = colon < 0 ? rest : rest[..colon];
        var slot = models.Find(name) ?? throw new RefusedRequestException(HttpProblems.UnknownModel(name.ToString(), models));
        if (colon < 0)
        {
            RequireMethod(context, HttpMethods.Get);
            return AnswerAsync(context, SignatureWriter.Write(slot.Model, $"{context.Request.Scheme}://{context.Request.Host}"));
        }

        var verb = rest[(colon + 1)..];
        if (verb is not (PredictVerb or ExplainVerb))
        {
            throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }

        RequireMethod(context, HttpMethods.Post);
        return ScoreAsync(context, slot, explain: verb is ExplainVerb);
    }

    async Task ScoreAsync(HttpContext context, ModelSlot slot, bool explain)
    {
        RequireSize(context.Request.ContentLength ?? 0);
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync(context.RequestAborted);
        while (!read.IsCompleted && read.Buffer.Length <= maxBodyBytes)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(context.RequestAborted);
        }

        if (read.Buffer.Length > maxBodyBytes)
        {
            reader.AdvanceTo(read.Buffer.End);
            RequireSize(long.MaxValue);
        }

        var lane = slot.Lanes.Get();
        try
        {
            ReadOnlyMemory<byte> answer;
            try
            {
                answer = explain ? lane.Explain(read.Buffer) : lane.Predict(read.Buffer);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }

            context.Response.Headers["X-Capstan-Model-Version"] = slot.Model.Version;
            await AnswerAsync(context, answer);
        }
        finally
        {
            slot.Lanes.Return(lane);
        }
    }

    void RequireSize(long bodyBytes)
    {
        if (bodyBytes > maxBodyBytes)
        {
            throw new RefusedRequestException(HttpProblems.BodyTooLarge(maxBodyBytes));
        }
    }

    static async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    static async Task RefuseAsync(HttpContext context, Problem problem, string requestId)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var json = ProblemWriter.Write(problem, requestId);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = ProblemWriter.ContentType;
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    static void RequireMethod(HttpContext context, string method)
    {
        if (!HttpMethods.Equals(context.Request.Method, method))
        {
            context.Response.Headers.Allow = method;
            throw new RefusedRequestException(HttpProblems.WrongMethod(context.Request.Method, context.Request.Path, method));
        }
    }

    /// <summary>
    /// The caller's own id where it is one that a log can hold on a line; otherwise the connection's id and the request's number
    /// on it.
    /// </summary>
    static string RequestIdOf(HttpContext context)
    {
        var sent = context.Request.Headers["X-Request-Id"];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestRequestId } id &&
            !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : context.TraceIdentifier;
    }
}

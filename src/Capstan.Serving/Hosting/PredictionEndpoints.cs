using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

/// <summary>Which address leads where, and the edge at which every failure becomes an answer. Thread-safe.</summary>
/// <param name="control">What may change the models from outside; null where nothing may.</param>
sealed partial class PredictionEndpoints(
    Func<ServedModels> models, ScoringEndpoint scoring, ReplicaControl? control, PredictionServerOptions options)
{
    const string ModelsPath = "/v1/models";
    public const string RequestIdHeader = "X-Request-Id";
    const int LongestRequestId = 128;

    static readonly byte[] Alive = [.. "{\"live\":true}"u8];
    static readonly byte[] Healthy = [.. "{\"status\":\"ok\"}"u8];

    readonly ILogger _logger = options.Loggers.CreateLogger<PredictionServer>();
    readonly GrpcEndpoints _grpc = new(models, scoring, options.MaxBodyBytes);

    public Task HandleAsync(HttpContext context) => control is not null && BareAnswer.Recognizes(context.Request, out var bytes)
        ? BareAnswer.HandleAsync(context, bytes, options.MaxBodyBytes)
        : AnswerAsync(context);

    async Task AnswerAsync(HttpContext context)
    {
        var requestId = RequestIdOf(context);
        context.Response.Headers[RequestIdHeader] = requestId;
        Problem problem;
        try
        {
            await (GrpcAnswers.Expects(context.Request) ? _grpc.HandleAsync(context) : RouteAsync(context));
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

        await (GrpcAnswers.Expects(context.Request)
            ? GrpcAnswers.RefuseAsync(context, problem)
            : Answers.RefuseAsync(context, problem, requestId));
    }

    Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value.AsSpan();
        if (path is "/healthz")
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            return Answers.WriteAsync(context, Healthy);
        }

        if (path.StartsWith("/v2") && ServerAnswer(path) is { } answer)
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            return Answers.WriteAsync(context, answer);
        }

        var served = models();
        if (path is ModelsPath)
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            return Answers.WriteAsync(context, SignatureWriter.WriteList(served.All));
        }

        if (control is not null && path.StartsWith(ReplicaControl.Path))
        {
            return control.HandleAsync(context);
        }

        if (!RequestTarget.TryParse(path, out var target))
        {
            throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }

        var route = served.Find(target.Model)
            ?? throw new RefusedRequestException(HttpProblems.UnknownModel(target.Model.ToString(), served));
        var asked = VersionOf(target, route);
        switch (target.Verb)
        {
            case "predict" when !target.Location.IsEmpty:
                return ScoreAsync(context, route, asked, ScoringVerb.PredictEndpoint);
            case "predict" or "rawPredict":
                return ScoreAsync(context, route, asked, ScoringVerb.Predict);
            case "explain":
                return ScoreAsync(context, route, asked, ScoringVerb.Explain);
            case "classify":
                return ScoreAsync(context, route, asked, ScoringVerb.Classify);
            case "regress":
                return ScoreAsync(context, route, asked, ScoringVerb.Regress);
            case "infer":
                return ScoreAsync(context, route, asked, ScoringVerb.Infer);
            case "" or "metadata" or "describe" or "ready":
                Answers.RequireMethod(context, HttpMethods.Get);
                return DescribeAsync(context, route, asked, target.Verb.ToString());
            default:
                throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }
    }

    /// <summary>What the Open Inference Protocol asks of the server itself; null for other addresses.</summary>
    public static byte[]? ServerAnswer(ReadOnlySpan<char> path) => path switch
    {
        "/v2" => MetadataWriter.WriteServer(),
        "/v2/health/live" or "/v2/health/ready" => Alive,
        _ => null,
    };

    Task ScoreAsync(HttpContext context, ServedRoute route, VersionSlot? asked, ScoringVerb verb)
    {
        Answers.RequireMethod(context, HttpMethods.Post);
        return scoring.HandleAsync(context, route, asked, verb);
    }

    static VersionSlot? VersionOf(in RequestTarget target, ServedRoute route)
    {
        if (target.Version.IsEmpty && target.Label.IsEmpty)
        {
            return null;
        }

        return (target.Label.IsEmpty ? route.Find(target.Version) : route.FindLabel(target.Label))
            ?? throw new RefusedRequestException(HttpProblems.UnknownVersion(
                (target.Label.IsEmpty ? target.Version : target.Label).ToString(), route));
    }

    static async Task DescribeAsync(HttpContext context, ServedRoute route, VersionSlot? asked, string verb)
    {
        var version = asked ?? route.Default ?? throw new RefusedRequestException(HttpProblems.NoTraffic(route));
        if (verb == "ready")
        {
            await Answers.WriteAsync(context, MetadataWriter.WriteReady(route.Name, await version.CanAnswerAsync()));
            return;
        }

        var model = (await ScoringEndpoint.SlotOf(version)).Model;
        await Answers.WriteAsync(context, verb switch
        {
            "metadata" => MetadataWriter.WriteTensorFlow(model, version.Version),
            "describe" => MetadataWriter.WriteInference(model, route.Versions.Select(each => each.Version)),
            _ => SignatureWriter.Write(model, route, $"{context.Request.Scheme}://{context.Request.Host}"),
        });
    }

    /// <summary>
    /// The caller's own id where it is one that a log can hold on a line; otherwise the connection's id and the request's number
    /// on it.
    /// </summary>
    public static string RequestIdOf(HttpContext context)
    {
        var sent = context.Request.Headers[RequestIdHeader];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestRequestId } id &&
            !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : context.TraceIdentifier;
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

/// <summary>Which address leads where. Thread-safe.</summary>
sealed partial class PredictionEndpoints
{
    const string ModelsPath = "/v1/models";

    static readonly byte[] Alive = [.. "{\"live\":true}"u8];
    static readonly byte[] Healthy = [.. "{\"status\":\"ok\"}"u8];

    readonly Func<ServedModels> _models;
    readonly ScoringEndpoint _scoring;
    readonly ReplicaControl? _control;
    readonly int _maxBodyBytes;
    readonly ILogger _logger;
    readonly GrpcEndpoints _grpc;
    readonly RequestEdge _edge;
    readonly Func<HttpContext, string, Task> _answer;

    /// <param name="control">What may change the models from outside; null where nothing may.</param>
    public PredictionEndpoints(
        Func<ServedModels> models, ScoringEndpoint scoring, ReplicaControl? control, PredictionServerOptions options)
    {
        (_models, _scoring, _control, _maxBodyBytes) = (models, scoring, control, options.MaxBodyBytes);
        _logger = options.Loggers.CreateLogger<PredictionServer>();
        _grpc = new GrpcEndpoints(models, scoring, options.MaxBodyBytes);
        _edge = new RequestEdge(_ => null, LogFailure);
        _answer = AnswerAsync; // Once, not with every request.
    }

    public Task HandleAsync(HttpContext context) => _control is not null && BareAnswer.Recognizes(context.Request, out var bytes)
        ? BareAnswer.HandleAsync(context, bytes, _maxBodyBytes)
        : _edge.AnswerAsync(context, _answer);

    Task AnswerAsync(HttpContext context, string requestId) =>
        GrpcAnswers.Expects(context.Request) ? _grpc.HandleAsync(context) : RouteAsync(context);

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

        var served = _models();
        if (path is ModelsPath)
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            return Answers.WriteAsync(context, SignatureWriter.WriteList(served.All));
        }

        if (_control is not null && path.StartsWith(ReplicaControl.Path))
        {
            return _control.HandleAsync(context);
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
        return _scoring.HandleAsync(context, route, asked, verb);
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
}

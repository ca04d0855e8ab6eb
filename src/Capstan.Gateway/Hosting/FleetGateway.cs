using System.Collections.Concurrent;
using Capstan.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Gateway;

/// <summary>
/// The front door of a fleet: keeps the routing table, forwards requests to the replicas of their model, holds them until there
/// is one, and has as many as the load needs. Thread-safe.
/// </summary>
public sealed partial class FleetGateway : IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    readonly GatewayOptions _options;
    readonly ReplicaClient _client = new();
    readonly Forwarder _forwarder;
    readonly ConcurrentDictionary<string, ModelDesk> _models = new(StringComparer.Ordinal);
    readonly RouteEndpoints _endpoints;
    readonly CancellationTokenSource _stopping = new();
    readonly ILogger _logger;
    readonly IExperimentStore _experiments;
    readonly RequestEdge _edge;
    Task _looking = Task.CompletedTask;
    Task _following = Task.CompletedTask;

    FleetGateway(GatewayOptions options)
    {
        _options = options;
        _logger = options.Loggers.CreateLogger<FleetGateway>();
        _edge = new RequestEdge(failure => failure is RouteRefusedException refusal ? GatewayProblems.Of(refusal) : null, LogFailure);
        _forwarder = new Forwarder(options);
        _experiments = options.Experiments ?? new FolderExperiments(options.Home);
        Routes = new RoutingDesk(options.Routes ?? new FolderRoutes(options.Home), options, DistributeAsync);
        _endpoints = new RouteEndpoints(Routes, model => _models.GetValueOrDefault(model));
    }

    /// <summary>Where routes are changed.</summary>
    public RoutingDesk Routes { get; }

    /// <summary>Takes up the routes that are kept and begins to look at the load.</summary>
    /// <exception cref="UnreadableTableException">What is kept can't be read.</exception>
    public static async Task<FleetGateway> StartAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        var gateway = new FleetGateway(options);
        try
        {
            await gateway.Routes.FollowAsync(cancellationToken);
        }
        catch (RouteRefusedException problem)
        {
            // One model must not keep the others from being served.
            gateway.LogNotFollowed(problem);
        }

        // Off the caller's thread: SQLite's calls block.
        gateway._looking = Task.Run(gateway.LookAsync, CancellationToken.None);
        gateway._following = Task.Run(gateway.FollowAsync, CancellationToken.None);
        return gateway;
    }

    /// <summary>How a model's replicas are; null for a model that has no route.</summary>
    public GroupState? StateOf(string model) => _models.GetValueOrDefault(model)?.Group.State;

    /// <summary>What the gateway saw of a model's versions since its split was last changed.</summary>
    public IReadOnlyList<VersionTraffic> TrafficOf(string model) => _models.GetValueOrDefault(model)?.Traffic.Snapshot() ?? [];

    /// <summary>Answers a request that is this gateway's: one for a model that has a route, or for the routes.</summary>
    /// <param name="next">Answers all others.</param>
    public async Task TryHandleAsync(HttpContext context, Func<Task> next)
    {
        var isGrpc = GrpcAnswers.Expects(context.Request);
        var (desk, path, isOutcome) = ((ModelDesk?)null, (string?)null, false);
        if (!isGrpc && !TryFind(context.Request, out desk, out path, out isOutcome) && !RouteEndpoints.Takes(context.Request.Path))
        {
            await next();
            return;
        }

        await _edge.AnswerAsync(context, (request, requestId) =>
            isGrpc ? AnswerGrpcAsync(request, requestId)
            : desk is null ? _endpoints.HandleAsync(request)
            : isOutcome ? RouteEndpoints.RecordAsync(request, desk)
            : ForwardAsync(request, desk, requestId, path));
    }

    /// <summary>Answers every request; those that nobody takes are told what there is.</summary>
    public Task HandleAsync(HttpContext context) => TryHandleAsync(context, () => RefuseAsync(context));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_looking, _following);
        await Task.WhenAll(_models.Values.Select(desk => desk.Group.DisposeAsync().AsTask()));
        _forwarder.Dispose();
        _client.Dispose();
        Routes.Dispose();
        _stopping.Dispose();
    }

    Task RefuseAsync(HttpContext context)
    {
        if (context.Request.Path == "/healthz")
        {
            return Answers.WriteAsync(context, "{\"status\":\"ok\"}"u8.ToArray());
        }

        if (PredictionEndpoints.ServerAnswer(context.Request.Path.Value) is { } answer)
        {
            return Answers.WriteAsync(context, answer);
        }

        var problem = RequestTarget.TryParse(context.Request.Path.Value, out var target)
            ? GatewayProblems.Of(RouteProblems.UnknownModel(target.Model.ToString(), Routes.Current.Table))
            : HttpProblems.UnknownAddress(context.Request.Path);
        return Answers.RefuseAsync(context, problem, context.TraceIdentifier);
    }

    /// <param name="path">The path at the replica; null where it is the request's own.</param>
    /// <param name="isOutcome">Whether the request is an outcome, which the gateway itself takes.</param>
    bool TryFind(HttpRequest request, out ModelDesk? desk, out string? path, out bool isOutcome)
    {
        (desk, path, isOutcome) = (null, null, false);
        if (!RequestTarget.TryParse(request.Path.Value, out var target))
        {
            return false;
        }

        if (target.Project.IsEmpty)
        {
            isOutcome = target.Verb is "recordOutcome";
            return _models.TryGetValue(target.Model.ToString(), out desk);
        }

        // Everything else below a project is the control plane's.
        if (!HttpMethods.IsPost(request.Method) || target.Verb is not ("predict" or "explain" or "rawPredict"))
        {
            return false;
        }

        var model = _options.ModelNameOf(target.Project.ToString(), target.Model.ToString());
        path = target.Version.IsEmpty ? $"/v1/models/{model}:{target.Verb}" : $"/v1/models/{model}/versions/{target.Version}:{target.Verb}";
        return _models.TryGetValue(model, out desk);
    }

    Task ForwardAsync(HttpContext context, ModelDesk desk, string requestId, string? path)
    {
        var began = _options.Time.GetTimestamp();
        var deadline = RequestDeadline.Of(context, _options.Time);
        return _forwarder.ForwardAsync(context, desk.Group, desk.Model, deadline, new ReplicaTransformer(
            requestId, desk.Group.Token, path, deadline, answer => Count(answer, context.Request, desk, requestId, _options.Time.GetElapsedTime(began))));
    }

    /// <summary>Counts an answer before its caller has it, so that an outcome can't come before its answer is known.</summary>
    static void Count(HttpResponseMessage answer, HttpRequest request, ModelDesk desk, string requestId, TimeSpan latency)
    {
        if (Header(answer, ScoringEndpoint.VersionHeader) is not { } version)
        {
            return;
        }

        var status = Header(answer, GrpcAnswers.StatusTrailer);
        var failed = status is null ? (int)answer.StatusCode >= StatusCodes.Status500InternalServerError : GrpcProblems.IsFailure(status);
        desk.Traffic.Add(version, failed, latency);
        if (answer.IsSuccessStatusCode && status is null or "0")
        {
            var probability = Experiment.PredictionOf(Header(answer, ScoringEndpoint.ProbabilityHeader));
            var prediction = probability ?? Experiment.PredictionOf(Header(answer, ScoringEndpoint.ValueHeader));
            desk.Experiment.Expose(
                requestId, Header(answer, ScoringEndpoint.KeyHeader), new Exposure(version, prediction, probability is not null));
            desk.Trial?.Add(version, prediction, () => status is null ? (request.Body as MemoryStream)?.ToArray() : null); // As the forwarder sent it.
        }
    }

    static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <returns>False: the gateway stops.</returns>
    async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, _options.Time);
        while (await NextAsync(timer))
        {
            foreach (var desk in _models.Values)
            {
                desk.Group.Look();
                await JudgeAsync(desk);
            }
        }
    }

    async Task JudgeAsync(ModelDesk desk)
    {
        if (Routes.Current.FleetOf(desk.Model).Canary is not { } canary)
        {
            return;
        }

        string? reason = null;
        try
        {
            reason = CanaryPolicy.Judge(canary, desk.Traffic.Snapshot()) ?? await SkewAsync(desk, canary);
            if (reason is not null && await Routes.EndTrialAsync(desk.Model, canary, _stopping.Token))
            {
                desk.LastRollback = reason;
                LogRolledBack(desk.Model, reason);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Another gateway, or this one when it starts again, judges anew.
        }
        catch (Exception problem)
        {
            // The edge of a job that goes on.
            LogNotRolledBack(problem, desk.Model, reason ?? "unknown, since it could not be judged");
        }
    }

    async Task<string?> SkewAsync(ModelDesk desk, CanarySettings canary) =>
        desk.Trial is { } trial && trial.Settings == canary ? await trial.JudgeAsync(_stopping.Token) : null;
}

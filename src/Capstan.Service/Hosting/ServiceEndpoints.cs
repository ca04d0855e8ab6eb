using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Gateway;
using Capstan.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>
/// The edge of every request: who asks, for what, may they, and how success and failure are told. Thread-safe.
/// </summary>
sealed partial class ServiceEndpoints(
    Engine engine, MethodTable methods, AccessControl access, QuotaCounters quotas, IReadOnlyList<IPlainEndpoint> plain,
    ServiceMetrics metrics)
{
    const int LongestRequestId = 128;

    readonly ILogger _logger = engine.Loggers.CreateLogger<ServiceServer>();

    public async Task HandleAsync(HttpContext context)
    {
        var started = engine.Time.GetTimestamp();
        var requestId = RequestIdOf(context);
        context.Response.Headers["X-Request-Id"] = requestId;
        using var activity = Begin(context);
        var methodId = "";
        ServiceException problem;
        try
        {
            foreach (var endpoint in plain)
            {
                // Its refusals are counted as its, too.
                methodId = endpoint.Name;
                if (await endpoint.TryHandleAsync(context))
                {
                    Conclude(activity, methodId, context.Response.StatusCode, started);
                    return;
                }
            }

            methodId = "";

            var path = context.Request.Path.Value ?? "/";
            var (method, name, handle) = methods.Find(context.Request.Method, path);
            methodId = method.Id;
            activity?.SetTag("capstan.resource", name).SetTag("capstan.request_id", requestId);
            var answer = await AnswerAsync(context, method, name, handle);
            if (answer.Version is not null)
            {
                context.Response.Headers["X-Capstan-Version"] = answer.Version;
            }

            await WriteAsync(context, 200, answer.Json, answer.ModelVersion);
            Conclude(activity, methodId, 200, started);
            return;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to tell.
            return;
        }
        catch (ServiceException refusal)
        {
            problem = refusal;
        }
        catch (BadHttpRequestException refusal)
        {
            problem = new ServiceException(StatusCode.InvalidArgument, $"The HTTP server refused the request: {refusal.Message}")
            {
                HttpStatus = refusal.StatusCode,
            };
        }
        catch (System.Data.Common.DbException failure)
        {
            LogFailure(failure, requestId, context.Request.Path);
            problem = new ServiceException(
                StatusCode.Unavailable, $"The registry's database does not answer now; try again. The server's log tells more " +
                    $"under the request id {requestId}.");
        }
        catch (Exception failure)
        {
            LogFailure(failure, requestId, context.Request.Path);
            problem = new ServiceException(
                StatusCode.Internal, $"The server failed on this request; its log tells more under the request id {requestId}.");
        }

        activity?.SetStatus(ActivityStatusCode.Error, ErrorEnvelope.NameOf(problem.Code));
        var envelope = ErrorEnvelope.Of(problem);
        var status = (int)envelope["error"]!["code"]!; // every envelope has one
        Conclude(activity, methodId, status, started);
        if (problem.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await (GrpcCalls.IsOne(context.Request)
            ? GrpcCalls.RefuseAsync(context, status, ErrorEnvelope.NameOf(problem.Code).ToLowerInvariant(), problem.Message)
            : RefuseAsync(context, status, envelope));
    }

    void Conclude(Activity? activity, string methodId, int status, long started)
    {
        metrics.Add(methodId, status, engine.Time.GetElapsedTime(started));
        if (activity is not null)
        {
            activity.DisplayName = methodId.Length > 0 ? methodId : "unknown method";
            activity.SetTag("rpc.method", methodId).SetTag("http.response.status_code", status);
        }
    }

    /// <summary>The caller's span, in the header of W3C's trace context; none where there is none.</summary>
    /// <summary>
    /// The request's span, below the caller's. The web server's own activity, to which nobody listens, is there for the log's ids alone: what stood
    /// below it would have a parent that nobody knows.
    /// </summary>
    static Activity? Begin(HttpContext context)
    {
        var outer = Activity.Current;
        if (!ServiceMetrics.Activities.HasListeners())
        {
            return null;
        }

        var parent = outer?.Context ?? default;
        if (outer?.Source.HasListeners() != true)
        {
            Activity.Current = null;
            _ = ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out parent);
        }

        var activity = ServiceMetrics.Activities.StartActivity("ml request", ActivityKind.Server, parent);
        Activity.Current = activity ?? outer;
        return activity;
    }

    async Task<Answer> AnswerAsync(HttpContext context, ApiMethod method, string name, Func<ApiRequest, Task<Answer>> handle)
    {
        var caller = await access.CallerOfAsync(context);
        try
        {
            await access.RequireAsync(caller, method.Permission, name, context.RequestAborted);
            quotas.Take(method, Resource.ProjectOf(name), caller);
            var isPrediction = method.CustomVerb is "predict" or "explain" && method.Verb == "POST";
            var raw = await BodyReader.ReadAsync(context, isPrediction ? engine.Options.MaxPredictionBytes
                : engine.Options.MaxBodyBytes);
            var body = method.Request is null || isPrediction ? [] : MessageReader.Read(raw, method.Request);
            return await handle(
                new ApiRequest(engine, method, name, body, raw, context.Request.Query, context.Request.Headers,
                    $"{context.Response.Headers["X-Request-Id"]}", caller, context.RequestAborted));
        }
        catch (ServiceException refusal) when (
            method.Changes || refusal.Code is StatusCode.PermissionDenied or StatusCode.Unauthenticated)
        {
            await engine.Database.WriteAsync(session => session.Audit.AddAsync(
                new AuditEntry(engine.Now, caller.Member, method.Id, name, ErrorEnvelope.NameOf(refusal.Code)),
                CancellationToken.None),
                CancellationToken.None);
            throw;
        }
    }

    static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> json, string? modelVersion)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        context.Response.ContentLength = json.Length;
        if (modelVersion is not null)
        {
            context.Response.Headers["X-Capstan-Model-Version"] = modelVersion;
        }

        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    static async Task RefuseAsync(HttpContext context, int status, JsonObject envelope)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        if (status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await WriteAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(envelope, JsonText.Options), null);
    }

    static string RequestIdOf(HttpContext context)
    {
        var sent = context.Request.Headers["X-Request-Id"];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestRequestId } id &&
            !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : context.TraceIdentifier;
    }

    [LoggerMessage(1, LogLevel.Error, "Request {RequestId} to {Path} failed.")]
    partial void LogFailure(Exception failure, string requestId, string path);
}

/// <summary>Addresses outside the interface: health, documents, storage.</summary>
interface IPlainEndpoint
{
    /// <summary>What metrics and traces call its requests.</summary>
    string Name { get; }

    /// <returns>False: the address is not this one's, and nothing was done.</returns>
    Task<bool> TryHandleAsync(HttpContext context);
}

using System.Text.Json;
using Capstan.Gateway;
using Capstan.Registry;
using Capstan.Serving;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>What <c>ml/v1</c> asks of the fleet that its server hosts, if it hosts one. Thread-safe.</summary>
sealed class HostedFleet(FleetGateway? gateway)
{
    const string RequestIdHeader = "X-Request-Id";

    /// <summary>What a caller proves itself with stays here.</summary>
    static readonly string[] NotPassedOn = ["Authorization", "X-Goog-Api-Key", "Content-Length", "Transfer-Encoding", "Expect", "Host"];

    /// <summary>Whether the fleet answers for a model (some version has its traffic) or for a version (it is deployed).</summary>
    /// <param name="name"><c>projects/P/models/M</c>, or a version of it.</param>
    public bool Answers(string name) => name.Split('/') switch
    {
        ["projects", _, "models", _] => RouteOf(name) is { Split.Shares.IsEmpty: false },
        ["projects", _, "models", _, "versions", var version] => RouteOf(name)?.Find(version) is not null,
        _ => false,
    };

    /// <summary>For Prometheus: every model's replicas, and its versions' traffic since their split was last changed.</summary>
    public IEnumerable<(string Name, string Labels, double Value)> Figures()
    {
        if (gateway is null)
        {
            return [];
        }

        string[] models = [.. gateway.Routes.Current.Table.Models.Select(route => route.Model)];
        return models.SelectMany(ReplicasOf).Concat(models.SelectMany(TrafficOf)).OrderBy(figure => figure.Name, StringComparer.Ordinal);
    }

    IEnumerable<(string Name, string Labels, double Value)> ReplicasOf(string model)
    {
        const string Replicas = "capstan_fleet_replicas";
        return gateway!.StateOf(model) is not { } state ? [] : // asked where there is one
        [
            (Replicas, $"model=\"{model}\",state=\"ready\"", state.Ready),
            (Replicas, $"model=\"{model}\",state=\"starting\"", state.Starting),
            (Replicas, $"model=\"{model}\",state=\"draining\"", state.Draining),
            ("capstan_fleet_requests_held", $"model=\"{model}\"", state.Held),
        ];
    }

    IEnumerable<(string Name, string Labels, double Value)> TrafficOf(string model) => gateway!.TrafficOf(model).SelectMany( // as above
        version => new (string, string, double)[]
        {
            ("capstan_fleet_requests_total", $"model=\"{model}\",version=\"{version.Version}\"", version.Requests),
            ("capstan_fleet_failures_total", $"model=\"{model}\",version=\"{version.Version}\"", version.Failures),
        });

    /// <summary>Has a replica answer, with the bytes that this process would have answered.</summary>
    /// <param name="body"><c>{"instances":[…]}</c>.</param>
    /// <exception cref="ServiceException">It refused, or there was no place.</exception>
    public async Task<Answer> ScoreAsync(ApiRequest request, ReadOnlyMemory<byte> body, bool explain)
    {
        var words = request.Name.Split('/');
        var context = new DefaultHttpContext { RequestAborted = request.Cancellation, TraceIdentifier = request.Id };
        foreach (var (name, values) in request.Headers.Where(header => !NotPassedOn.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Request.Headers[name] = values;
        }

        context.Request.Headers[RequestIdHeader] = request.Id;
        (context.Request.Method, context.Request.Protocol) = (HttpMethods.Post, HttpProtocol.Http11);
        (context.Request.Scheme, context.Request.Host) = (Uri.UriSchemeHttp, new HostString("localhost"));
        context.Request.Path = $"/v1/models/{RouteName.Of(request.Name)}{(words.Length > 4 ? $"/versions/{words[5]}" : "")}:{(explain ? "explain" : "predict")}";
        (context.Request.ContentType, context.Request.ContentLength) = ("application/json", body.Length);
        using var sent = new MemoryStream(body.ToArray(), writable: false);
        using var answer = new MemoryStream();
        (context.Request.Body, context.Response.Body) = (sent, answer);
        await gateway!.HandleAsync(context); // who has no fleet has no route that answers
        request.Cancellation.ThrowIfCancellationRequested();
        return context.Response.StatusCode == StatusCodes.Status200OK
            ? new Answer(answer.ToArray())
            {
                ModelVersion = context.Response.Headers["X-Capstan-Model-Version"], Version = context.Response.Headers["X-Capstan-Version"],
            }
            : throw RefusalOf(context.Response, answer.ToArray());
    }

    /// <summary>Gives a model's new default version all of its traffic; does nothing for a model without a route.</summary>
    /// <exception cref="ServiceException">The version can't be loaded; the traffic stays where it is.</exception>
    public async Task FollowDefaultAsync(string versionName, CancellationToken cancellationToken)
    {
        var version = versionName[(versionName.LastIndexOf('/') + 1)..];
        if (RouteOf(versionName) is not { Versions.IsEmpty: false } route || (route.Split.Shares is [{ Version: var sole }] && sole == version))
        {
            return;
        }

        await ChangeAsync(() => gateway!.Routes.DeployAsync( // a route is a gateway's
            route.Model, new Deployment(version, TrafficPerMille: Split.Whole), cancellationToken));
    }

    /// <summary>Scales a model's route as one of its deployed versions now asks.</summary>
    /// <exception cref="ServiceException">A number is out of its range.</exception>
    public async Task FollowScalingAsync(Resource version, CancellationToken cancellationToken)
    {
        if (Answers(version.Name) && VersionScaling.Of(version.Body) is { } scaling)
        {
            await ChangeAsync(() => gateway!.Routes.SetScalingAsync(RouteName.Of(version.Name), scaling, cancellationToken)); // as above
        }
    }

    /// <exception cref="ServiceException">The version is deployed.</exception>
    public void RequireNotDeployed(string versionName)
    {
        if (RouteOf(versionName)?.Find(versionName[(versionName.LastIndexOf('/') + 1)..]) is { Version: var version })
        {
            throw new ServiceException(
                StatusCode.FailedPrecondition,
                $"'{versionName}' is deployed. Take it away first: capstan routes {RouteName.Of(versionName)} --undeploy {version} (its traffic " +
                    $"must be another's, or nobody's: --split none).");
        }
    }

    ModelRoute? RouteOf(string name) => gateway?.Routes.Current.Table.Find(RouteName.Of(name));

    static async Task ChangeAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RouteRefusedException refusal)
        {
            throw new ServiceException(
                StatusCode.FailedPrecondition, $"The registry has the change, the model's route has not: {refusal.Message}");
        }
    }

    /// <summary>The fleet's refusal in the words of <c>ml/v1</c>.</summary>
    internal static ServiceException RefusalOf(HttpResponse response, byte[] problem)
    {
        var status = response.StatusCode;
        using var json = JsonDocument.Parse(problem);
        var message = json.RootElement.GetProperty("detail").GetString()!; // a text, as problem+json has it
        var code = status switch
        {
            StatusCodes.Status404NotFound => StatusCode.NotFound,
            StatusCodes.Status429TooManyRequests => StatusCode.ResourceExhausted,
            StatusCodes.Status500InternalServerError => StatusCode.Internal,
            StatusCodes.Status501NotImplemented => StatusCode.Unimplemented,
            > StatusCodes.Status501NotImplemented => StatusCode.Unavailable,
            _ => StatusCode.InvalidArgument,
        };
        if (code is not (StatusCode.InvalidArgument or StatusCode.Unimplemented))
        {
            return new ServiceException(code, message)
            {
                HttpStatus = status,
                RetryAfterSeconds = int.TryParse(response.Headers.RetryAfter, out var seconds) ? seconds : null,
            };
        }

        int? instance = json.RootElement.TryGetProperty("instanceIndex", out var index) ? index.GetInt32() : null;
        return PredictionMethods.Refused(
            code, status, message, instance, json.RootElement.TryGetProperty("field", out var field) ? field.GetString() : null);
    }
}

using Capstan.Serving;
using Microsoft.AspNetCore.Http;

namespace Capstan.Gateway;

/// <summary>What a request wants of a route.</summary>
public enum RouteAccess
{
    /// <summary>To see what there is.</summary>
    Read,

    /// <summary>An answer of the model, or to tell what came of one.</summary>
    Score,

    /// <summary>Another route.</summary>
    Change,
}

/// <summary>
/// What a request to a gateway's own addresses is about, for a server around it that knows its callers and asks first who may.
/// </summary>
/// <param name="Model">The model's name among the routes; empty where the request is about all of them, or about the gateway.</param>
/// <param name="Access">What the caller must be allowed; the stronger one where the address leaves a doubt.</param>
public readonly record struct RouteAddress(string Model, RouteAccess Access)
{
    /// <returns>Null for an address that is not a gateway's own, such as those below <c>/v1/projects/</c>.</returns>
    public static RouteAddress? Of(HttpRequest request)
    {
        var path = request.Path;
        var isReading = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (RouteEndpoints.Takes(path))
        {
            return new RouteAddress(RouteEndpoints.Parse(path).Model, isReading ? RouteAccess.Read : RouteAccess.Change);
        }

        if (RequestTarget.TryParse(path.Value, out var target))
        {
            var isAboutIt = isReading && (target.Verb is "" or "metadata" or "ready" or "describe");
            return target.Project.IsEmpty ? new RouteAddress(target.Model.ToString(), isAboutIt ? RouteAccess.Read : RouteAccess.Score) : null;
        }

        return PredictionEndpoints.ServerAnswer(path.Value) is null ? null : new RouteAddress("", RouteAccess.Read);
    }
}

/// <summary>
/// A feature of a request that a server around the gateway sets: which models' routes its caller may see in a list. Without it, all.
/// </summary>
public sealed record VisibleRoutes(IReadOnlySet<string> Models);

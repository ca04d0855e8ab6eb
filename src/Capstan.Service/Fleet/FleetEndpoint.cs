using Capstan.Gateway;
using Capstan.Registry;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>
/// The gateway's own addresses (<c>/v1/models/…</c>, <c>/v2/…</c>, <c>/v1beta/routes…</c>, and all calls over gRPC), for those who may: a route belongs to
/// its model, so the policies of the model and of its project hold for it.
/// </summary>
sealed class FleetEndpoint(Engine engine, FleetGateway gateway, AccessControl access, QuotaCounters quotas) : IPlainEndpoint
{
    const string AuditedAs = "capstan.routes.update";

    static readonly ApiMethod Predicting = ApiSurface.V1.Methods.First(method => method.Id == "ml.projects.predict");
    static readonly ApiMethod Reading = ApiSurface.V1.Methods.First(method => method.Id == "ml.projects.models.get");

    public string Name => "capstan.fleet";

    public async Task<bool> TryHandleAsync(HttpContext context)
    {
        var isGrpc = GrpcCalls.IsOne(context.Request);
        var found = isGrpc ? null : RouteAddress.Of(context.Request);
        if (!isGrpc && found is null)
        {
            return false;
        }

        var caller = await access.CallerOfAsync(context);
        if (isGrpc)
        {
            // The model is named in the message, and nobody's is looked into who is not known.
            await access.RequireAsync(caller, null, "", context.RequestAborted);
            found = await GrpcCalls.AddressAsync(context, engine.Options.MaxPredictionBytes);
        }

        if (found is not { } address)
        {
            return true;
        }

        if (address.Model.Length == 0)
        {
            await access.RequireAsync(caller, null, "", context.RequestAborted);
            context.Features.Set(new VisibleRoutes(await VisibleAsync(caller, context.RequestAborted)));
            await gateway.HandleAsync(context);
            return true;
        }

        var model = RouteName.ModelOf(address.Model);
        await RequireAsync(caller, address.Access, model, context.RequestAborted);
        quotas.Take(address.Access == RouteAccess.Score ? Predicting : Reading, Resource.ProjectOf(model), caller);
        RequireRoute(context, address);
        RemoveSecrets(context.Request);
        await gateway.HandleAsync(context);
        if (address.Access == RouteAccess.Change)
        {
            await AuditAsync(caller, model, context.Response.StatusCode < 400 ? "OK" : $"HTTP {context.Response.StatusCode}");
        }

        return true;
    }

    /// <summary>What a caller proves itself with stays here, wherever it stood.</summary>
    static void RemoveSecrets(HttpRequest request)
    {
        request.Headers.Remove("Authorization");
        request.Headers.Remove("X-Goog-Api-Key");
        if (request.Query.ContainsKey("key") || request.Query.ContainsKey("access_token"))
        {
            request.QueryString = QueryString.Create(request.Query.Where(each => each.Key is not ("key" or "access_token")));
        }
    }

    async Task RequireAsync(Caller caller, RouteAccess wanted, string model, CancellationToken cancellationToken)
    {
        var permission = wanted switch
        {
            RouteAccess.Read => "ml.models.get",
            RouteAccess.Score => "ml.models.predict",
            _ => "ml.models.update",
        };
        try
        {
            await access.RequireAsync(caller, permission, model, cancellationToken);
        }
        catch (ServiceException refusal)
        {
            await AuditAsync(caller, model, ErrorEnvelope.NameOf(refusal.Code));
            throw;
        }
    }

    /// <summary>Whoever may ask for one model is not told the names of others.</summary>
    void RequireRoute(HttpContext context, RouteAddress address)
    {
        var isDeployment = address.Access == RouteAccess.Change && context.Request.Path.Value!.EndsWith(":deploy", StringComparison.Ordinal);
        if (!isDeployment && gateway.Routes.Current.Table.Find(address.Model) is null)
        {
            throw new ServiceException(
                StatusCode.NotFound,
                $"Nothing of the model '{Quote.Short(address.Model)}' is deployed. Deploy a version: capstan deploy " +
                    $"{Quote.Short(address.Model)}/VERSION. (A model of another project than 'default' is PROJECT.MODEL.)");
        }
    }

    async Task<IReadOnlySet<string>> VisibleAsync(Caller caller, CancellationToken cancellationToken)
    {
        var visible = new HashSet<string>();
        foreach (var route in gateway.Routes.Current.Table.Models)
        {
            if (await access.MayAsync(caller, "ml.models.get", RouteName.ModelOf(route.Model), cancellationToken))
            {
                visible.Add(route.Model);
            }
        }

        return visible;
    }

    Task AuditAsync(Caller caller, string model, string outcome) => engine.Database.WriteAsync(session => session.Audit.AddAsync(
        new AuditEntry(engine.Now, caller.Member, AuditedAs, model, outcome), CancellationToken.None), CancellationToken.None);
}

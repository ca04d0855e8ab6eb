using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>
/// Health, readiness, metrics and the documents that describe the interface: open to everybody who reaches the server.
/// </summary>
sealed class StatusEndpoint(Engine engine, ServiceMetrics metrics, HostedFleet fleet) : IPlainEndpoint
{
    public string Name => "capstan.status";

    public async Task<bool> TryHandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return false;
        }

        var root = $"{context.Request.Scheme}://{context.Request.Host}/";
        switch (context.Request.Path.Value)
        {
            case "/healthz":
                await WriteAsync(context, new JsonObject { ["status"] = "ok" });
                return true;
            case "/readyz":
                await ReadyAsync(context);
                return true;
            case "/metrics":
                await MetricsAsync(context);
                return true;
            case "/discovery/v1/apis/ml/v1/rest":
                await WriteAsync(context, DiscoveryDocument.Of(ApiSurface.V1, root, engine.Options.Release));
                return true;
            case "/discovery/v1/apis/ml/v1beta/rest":
                await WriteAsync(context, DiscoveryDocument.Of(ApiSurface.V1Beta, root, engine.Options.Release));
                return true;
            case "/$discovery/rest":
                var surface = context.Request.Query["version"] == "v1beta" ? ApiSurface.V1Beta : ApiSurface.V1;
                await WriteAsync(context, DiscoveryDocument.Of(surface, root, engine.Options.Release));
                return true;
            case "/openapi.json":
                await WriteAsync(context, OpenApiDocument.Of([ApiSurface.V1, ApiSurface.V1Beta], root, engine.Options.Release));
                return true;
            default:
                return false;
        }
    }

    async Task ReadyAsync(HttpContext context)
    {
        try
        {
            await engine.Database.ReadAsync(session =>
                session.Resources.FindAsync("projects", context.RequestAborted), context.RequestAborted);
            await WriteAsync(context, new JsonObject { ["status"] = "ready" });
        }
        catch (System.Data.Common.DbException)
        {
            context.Response.StatusCode = 503;
            await WriteAsync(context, new JsonObject { ["status"] = "the database does not answer" });
        }
    }

    async Task MetricsAsync(HttpContext context)
    {
        var counts = await engine.Database.ReadAsync(session =>
            session.Resources.CountsAsync(context.RequestAborted), context.RequestAborted);
        var text = metrics.Write([
            .. counts.Select(each => ("capstan_resources", $"kind=\"{each.Kind}\",state=\"{each.State}\"", (double)each.Count)),
            .. fleet.Figures(),
        ]);
        context.Response.ContentType = "text/plain; version=0.0.4";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
    }

    static async Task WriteAsync(HttpContext context, JsonNode json)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(json, JsonText.Options);
        context.Response.ContentType = "application/json; charset=UTF-8";
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Serving;
using Microsoft.AspNetCore.Http;

namespace Capstan.Gateway;

/// <summary>The addresses below <c>/v1beta/routes</c>: what there is, and changes of it. Thread-safe.</summary>
sealed class RouteEndpoints(RoutingDesk desk, Func<string, ModelDesk?> models)
{
    const string Root = "/v1beta/routes";
    const int MaxBodyBytes = 1 << 20;

    public static bool Takes(PathString path) => path.StartsWithSegments(Root, StringComparison.Ordinal);

    /// <summary>The model that an address names, and what of it; both empty where it is the list of all.</summary>
    /// <param name="path">One that this takes.</param>
    public static (string Model, string What) Parse(PathString path)
    {
        var rest = path.Value![Root.Length..].TrimStart('/'); // A request has a path.
        var end = rest.AsSpan().IndexOfAny('/', ':');
        return end < 0 ? (rest, "") : (rest[..end], rest[end..]);
    }

    public async Task HandleAsync(HttpContext context)
    {
        var (model, what) = Parse(context.Request.Path);
        if (model.Length + what.Length == 0)
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            var visible = context.Features.Get<VisibleRoutes>();
            await Answers.WriteAsync(
                context, RouteWriter.WriteAll(desk.Current, name => visible?.Models.Contains(name) != false, models));
            return;
        }

        if (what.Length == 0)
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            RequireRoute(model);
        }
        else if (what == "/comparison")
        {
            Answers.RequireMethod(context, HttpMethods.Get);
            RequireRoute(model);
            await Answers.WriteAsync(context, await ExperimentWriter.WriteAsync(
                model, models(model)!.Experiment, context.RequestAborted)); // What has a route has a desk.
            return;
        }
        else
        {
            await ChangeAsync(context, model, what);
        }

        await Answers.WriteAsync(context, RouteWriter.Write(desk.Current, model, models));
    }

    /// <summary>Joins an outcome with the answer that it belongs to: <c>POST /v1/models/MODEL:recordOutcome</c>.</summary>
    public static async Task RecordAsync(HttpContext context, ModelDesk desk)
    {
        Answers.RequireMethod(context, HttpMethods.Post);
        const string Expected = "{\"requestId\":\"…\",\"outcome\":1}, or \"key\" in place of \"requestId\"";
        string? version = null;
        await WithBodyAsync(context, FleetJson.Default.OutcomeReport, Expected, async body =>
        {
            if (body.RequestId is null == body.Key is null || !double.IsFinite(body.Outcome))
            {
                throw new RefusedRequestException(GatewayProblems.InvalidBody("An outcome belongs to a request or to a key.", Expected));
            }

            var key = body.Key is null ? null : KeyText(StickyKey.Hash(desk.Model, body.Key));
            version = await desk.Experiment.RecordAsync(body.RequestId, key, body.Outcome, context.RequestAborted) ?? throw RouteProblems.UnknownAnswer(
                desk.Model, body.RequestId is null ? $"the key '{body.Key}'" : $"the request '{body.RequestId}'");
        });
        await Answers.WriteAsync(context, System.Text.Encoding.UTF8.GetBytes($"{{\"version\":\"{version}\"}}"));
    }

    static string KeyText(ulong hash) => hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    Task ChangeAsync(HttpContext context, string model, string what)
    {
        var stop = context.RequestAborted;
        var isLabel = what.StartsWith("/labels/", StringComparison.Ordinal);
        Answers.RequireMethod(context, what[0] == ':' ? HttpMethods.Post : HttpMethods.Put);
        return what switch
        {
            ":deploy" => WithBodyAsync(
                context, FleetJson.Default.Deployment, "{\"version\":\"v2\",\"trafficPerMille\":100}", body => desk.DeployAsync(model, body, stop)),
            ":rollback" => desk.RollBackAsync(model, stop),
            ":undeploy" => WithBodyAsync(
                context, FleetJson.Default.VersionReference, "{\"version\":\"v1\"}", body => desk.UndeployAsync(model, body.Version, stop)),
            "/split" => WithBodyAsync(
                context, FleetJson.Default.SplitRequest, "{\"shares\":[{\"version\":\"v1\",\"perMille\":1000}]}",
                body => desk.SetSplitAsync(model, SplitOf(body), body.Canary, stop)),
            "/scaling" => WithBodyAsync(
                context, FleetJson.Default.ScaleSettings, "{\"minNodes\":0,\"maxNodes\":4}", body => desk.SetScalingAsync(model, body, stop)),
            _ when isLabel => WithBodyAsync(
                context, FleetJson.Default.VersionReference, "{\"version\":\"v1\"}",
                body => desk.SetLabelAsync(model, what["/labels/".Length..], body.Version, stop)),
            _ => throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path)),
        };
    }

    void RequireRoute(string model)
    {
        if (desk.Current.Table.Find(model) is null)
        {
            throw RouteProblems.UnknownModel(model, desk.Current.Table);
        }
    }

    static Split SplitOf(SplitRequest body)
    {
        try
        {
            return body.ToSplit();
        }
        catch (ArgumentException problem)
        {
            throw RouteProblems.Invalid(problem.Message);
        }
    }

    static async Task WithBodyAsync<T>(HttpContext context, JsonTypeInfo<T> type, string expected, Func<T, Task> change)
    {
        var read = await RequestBody.ReadAsync(context, MaxBodyBytes);
        T? body;
        try
        {
            body = JsonSerializer.Deserialize(read.Buffer.ToArray(), type);
        }
        catch (JsonException problem)
        {
            throw new RefusedRequestException(GatewayProblems.InvalidBody(problem.Message, expected));
        }
        finally
        {
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        }

        await change(body ?? throw new RefusedRequestException(GatewayProblems.InvalidBody("The body is null.", expected)));
    }
}

using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// What somebody should look at: raised by the service (a damaged artifact) or by whoever watches its models (a skew), taken note
/// of and resolved by people.
/// </summary>
sealed class AlertMethods : IMethodGroup
{
    public const string Kind = "alert";
    public const string Open = "OPEN";
    public const string Resolved = "RESOLVED";

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.alerts.create", CreateAsync),
        ("ml.projects.alerts.delete", DeleteAsync),
        ("ml.projects.alerts.get", GetAsync),
        ("ml.projects.alerts.list", ListAsync),
        ("ml.projects.alerts.patch", PatchAsync),
    ];

    static JsonObject Render(Resource alert)
    {
        var json = new JsonObject { ["name"] = alert.Name };
        foreach (var (name, value) in alert.Body)
        {
            json[name] = value?.DeepClone();
        }

        json["state"] = alert.State;
        json["etag"] = alert.Etag;
        return json;
    }

    static async Task<Answer> CreateAsync(ApiRequest request)
    {
        ResourceRules.RequireProject(request.Project);
        ResourceRules.RequireLabels(request.Body);
        var collection = $"{request.Name}/alerts";
        var name = $"{collection}/{ResourceRules.IdOf(request.Body, "name", collection)}";
        var state = request.Body["state"]?.GetValue<string>() ?? Open;
        foreach (var field in (string[])["name", "state", "etag"])
        {
            request.Body.Remove(field);
        }

        request.Body["createTime"] = WireValue.Instant(request.Engine.Now);
        Conclude(request.Body, state, request.Engine.Now);
        return Answer.Of(await request.WriteAsync(async session =>
        {
            var alert = new Resource(name, Kind, request.Name, state, request.Body);
            return await session.Resources.TryInsertAsync(alert, request.Cancellation)
                ? Render(alert with { Revision = 1 })
                : throw ServiceException.Exists(name);
        }));
    }

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session => Render(
        await session.Resources.FindAsync(request.Name, request.Cancellation) ?? throw ServiceException.NotFound(request.Name))));

    static async Task<Answer> ListAsync(ApiRequest request) =>
        Answer.Of(await request.ReadAsync(session => ResourceList.ReadAsync(
        request, session, Kind, "alerts", ResourceOrder.NewestFirst, ApiSurface.V1Beta.Message("Alert"), Render)));

    static async Task<Answer> PatchAsync(ApiRequest request)
    {
        var mask = UpdateMask.Parse(
            request.Parameter("updateMask"), ApiSurface.V1Beta.Message("Alert"),
            "state", "severity", "message", "details", "labels");
        ResourceRules.RequireLabels(request.Body);
        return Answer.Of(await request.WriteAsync(async session =>
        {
            var alert = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            request.RequireEtag(alert);
            UpdateMask.Apply([.. mask.Where(path => path[0] != "state")], request.Body, alert.Body);
            if (mask.Any(path => path[0] == "state"))
            {
                alert = alert with { State = request.Body["state"]?.GetValue<string>() ?? Open };
                Conclude(alert.Body, alert.State, request.Engine.Now);
            }

            return Render(
                await session.Resources.TryUpdateAsync(alert, request.Cancellation) ?? throw ServiceException.StaleEtag(alert.Name));
        }));
    }

    static async Task<Answer> DeleteAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
        await session.Resources.DeleteAsync(request.Name, request.Cancellation)
            ? new JsonObject()
            : throw ServiceException.NotFound(request.Name)));

    /// <summary>An alert has an end while it is resolved.</summary>
    static void Conclude(JsonObject alert, string state, DateTimeOffset now)
    {
        if (state == Resolved)
        {
            alert.TryAdd("endTime", WireValue.Instant(now));
        }
        else
        {
            alert.Remove("endTime");
        }
    }
}

using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Studies: what is searched over, and for what.</summary>
sealed class StudyMethods : IMethodGroup
{
    public const string Kind = "study";

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.locations.studies.create", CreateAsync),
        ("ml.projects.locations.studies.get", GetAsync),
        ("ml.projects.locations.studies.list", ListAsync),
        ("ml.projects.locations.studies.delete", DeleteAsync),
    ];

    public static JsonObject Render(Resource study)
    {
        var json = new JsonObject { ["name"] = study.Name };
        foreach (var (name, value) in study.Body)
        {
            json[name] = value?.DeepClone();
        }

        json["state"] = study.State;
        return json;
    }

    static async Task<Answer> CreateAsync(ApiRequest request)
    {
        var collection = $"{request.Name}/studies";
        var id = new JsonObject { ["studyId"] = request.Parameter("studyId") };
        var name = $"{collection}/{ResourceRules.IdOf(id, "studyId", collection)}";
        if ((request.Body["studyConfig"] as JsonObject)?["parameters"] is not JsonArray { Count: > 0 })
        {
            throw ServiceException.Invalid("studyConfig.parameters", "there is nothing to search over.");
        }

        request.Body["createTime"] = WireValue.Instant(request.Engine.Now);
        return Answer.Of(await request.WriteAsync(async session =>
        {
            var study = new Resource(name, Kind, request.Name, "ACTIVE", request.Body);

            // 409: the study client takes that as "exists, go on with it".
            return await session.Resources.TryInsertAsync(study, request.Cancellation) ? Render(study)
                : throw ServiceException.Exists(name);
        }));
    }

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
        Render(await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name))));

    static async Task<Answer> ListAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        // The interface has no pages for studies.
        var studies = await session.Resources.ListAsync(
            request.Name, Kind, ResourceOrder.NewestFirst, (object?)null, ResourceFilter.None, int.MaxValue,
            request.Cancellation);
        return studies.Count == 0 ? [] : new JsonObject { ["studies"] = new JsonArray([.. studies.Select(Render)]) };
    }));

    static async Task<Answer> DeleteAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        _ = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        foreach (var trial in await session.Resources.ListAsync(
            request.Name, TrialMethods.Kind, ResourceOrder.ByName, (object?)null, ResourceFilter.None, int.MaxValue,
            request.Cancellation))
        {
            await session.Resources.DeleteAsync(trial.Name, request.Cancellation);
        }

        await session.Resources.DeleteAsync(request.Name, request.Cancellation);
        return new JsonObject();
    }));
}

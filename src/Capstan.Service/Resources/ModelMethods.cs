using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Models: names with a default version.</summary>
sealed class ModelMethods(QuotaCounters quotas, HostedFleet fleet) : IMethodGroup
{
    const string Kind = "model";

    static readonly string[] Patchable =
        ["description", "labels", "regions", "onlinePredictionLogging", "onlinePredictionConsoleLogging", "defaultVersion.name"];

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.models.create", CreateAsync),
        ("ml.projects.models.get", GetAsync),
        ("ml.projects.models.list", ListAsync),
        ("ml.projects.models.patch", PatchAsync),
        ("ml.projects.models.delete", DeleteAsync),
    ];

    /// <summary>A model as it is answered.</summary>
    public static JsonObject Render(Resource model, Resource? defaultVersion)
    {
        var json = new JsonObject { ["name"] = model.Name };
        foreach (var (name, value) in model.Body)
        {
            json[name] = value?.DeepClone();
        }

        json.Remove("defaultVersion");
        if (defaultVersion is not null)
        {
            json["defaultVersion"] = VersionMethods.Render(defaultVersion, isDefault: true);
        }

        json["etag"] = model.Etag;
        return json;
    }

    /// <summary>The name of the default version; null: there is none.</summary>
    public static string? DefaultOf(Resource model) => model.Body["defaultVersion"]?.GetValue<string>();

    async Task<Answer> CreateAsync(ApiRequest request)
    {
        ResourceRules.RequireProject(request.Project);
        ResourceRules.RequireLabels(request.Body);
        var collection = $"{request.Name}/models";
        var name = $"{collection}/{ResourceRules.IdOf(request.Body, "name", collection)}";
        request.Body.Remove("name");
        request.Body.Remove("etag");
        if (request.Body["regions"] is JsonArray { Count: > 1 })
        {
            throw ServiceException.Invalid("regions", "a model is in one region; name one, or none.");
        }

        request.Body.TryAdd("regions", new JsonArray("us-central1"));
        return Answer.Of(await request.WriteAsync(async session =>
        {
            if (await session.Resources.CountAsync(request.Name, Kind, request.Cancellation) >= quotas.Quotas.Models)
            {
                throw new ServiceException(StatusCode.ResourceExhausted,
                    $"'{request.Name}' has {quotas.Quotas.Models:N0} models, its quota. Delete one.");
            }

            var model = new Resource(name, Kind, request.Name, "", request.Body);
            return await session.Resources.TryInsertAsync(model, request.Cancellation)
                ? Render(model with { Revision = 1 }, null)
                : throw ServiceException.Exists(name);
        }));
    }

    async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var model = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        return Render(model, await DefaultVersionAsync(session, model, request.Cancellation));
    }));

    async Task<Answer> ListAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        // The defaults of a page are looked up once it is known.
        var found = new Dictionary<string, Resource>();
        var page = await ResourceList.ReadAsync(
            request, session, Kind, "models", ResourceOrder.ByName, ApiSurface.V1.Message("Model"), model =>
            {
                found[model.Name] = model;
                return Render(model, null);
            });
        foreach (var model in page["models"] as JsonArray ?? [])
        {
            var version = await DefaultVersionAsync(session, found[model!["name"]!.GetValue<string>()],
                request.Cancellation); // rendered above
            if (version is not null)
            {
                model["defaultVersion"] = VersionMethods.Render(version, isDefault: true);
            }
        }

        return page;
    }));

    async Task<Answer> PatchAsync(ApiRequest request)
    {
        var mask = UpdateMask.Parse(request.Parameter("updateMask"), ApiSurface.V1.Message("Model"), Patchable);
        ResourceRules.RequireLabels(request.Body);
        var version = DefaultVersionIn(request.Raw);
        string? defaultVersion = null;
        var answer = Answer.Of(await request.WriteAsync(async session =>
        {
            var model = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            request.RequireEtag(model);
            UpdateMask.Apply([.. mask.Where(path => path[0] != "defaultVersion")], request.Body, model.Body);
            if (version is not null && mask.Any(path => path[0] == "defaultVersion"))
            {
                var name = version.Contains('/') ? version : $"{model.Name}/versions/{version}";
                if (!name.StartsWith($"{model.Name}/versions/", StringComparison.Ordinal))
                {
                    throw ServiceException.Invalid("defaultVersion.name", $"'{Quote.Short(name)}' is no version of '{model.Name}'.");
                }

                await VersionMethods.RequireReadyAsync(session, name, request.Cancellation);
                model.Body["defaultVersion"] = name;
                defaultVersion = name;
            }

            var changed = await session.Resources.TryUpdateAsync(model, request.Cancellation) ??
                throw ServiceException.StaleEtag(model.Name);
            var json = Render(changed, await DefaultVersionAsync(session, changed, request.Cancellation));
            return await DoneOperation.AddAsync(request, session, "UPDATE_MODEL", model.Name, null, "Model", json);
        }));
        if (defaultVersion is not null)
        {
            await fleet.FollowDefaultAsync(defaultVersion, request.Cancellation);
        }

        return answer;
    }

    async Task<Answer> DeleteAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        var model = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        if (await session.Resources.CountAsync(model.Name, VersionMethods.Kind, request.Cancellation) is var versions and > 0)
        {
            throw new ServiceException(
                StatusCode.FailedPrecondition,
                $"'{model.Name}' has {versions:N0} versions. Delete them first, the default version last.");
        }

        await session.Resources.DeleteAsync(model.Name, request.Cancellation);
        await session.Access.DeletePolicyAsync(model.Name, request.Cancellation);
        return await DoneOperation.AddAsync(request, session, "DELETE_MODEL", model.Name, null, null, null);
    }));

    /// <summary>The message has it for output, where readers leave it out; in a patch whose mask names it, it is input.</summary>
    static string? DefaultVersionIn(ReadOnlyMemory<byte> patch)
    {
        var body = patch.IsEmpty ? null : JsonNode.Parse(patch.Span) as JsonObject;
        var version = (body?["defaultVersion"] ?? body?["default_version"]) as JsonObject;
        return version?["name"] is JsonValue name && name.TryGetValue<string>(out var text) ? text : null;
    }

    static async Task<Resource?> DefaultVersionAsync(RegistrySession session, Resource model,
        CancellationToken cancellationToken) =>
        DefaultOf(model) is { } name ? await session.Resources.FindAsync(name, cancellationToken) : null;
}

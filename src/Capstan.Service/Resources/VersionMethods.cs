using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Versions of a model: each an immutable copy of an artifact.</summary>
sealed class VersionMethods(QuotaCounters quotas, HostedFleet fleet) : IMethodGroup
{
    public const string Kind = "version";

    /// <summary>Members of the body that are the registry's own and not the interface's.</summary>
    public const string ArtifactHash = "artifactHash";
    public const string ModelHash = "modelHash";

    static readonly string[] Patchable =
        ["description", "labels", "requestLoggingConfig", "autoScaling", "manualScaling", "explanationConfig"];

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.models.versions.create", CreateAsync),
        ("ml.projects.models.versions.get", GetAsync),
        ("ml.projects.models.versions.list", ListAsync),
        ("ml.projects.models.versions.patch", PatchAsync),
        ("ml.projects.models.versions.delete", DeleteAsync),
        ("ml.projects.models.versions.setDefault", SetDefaultAsync),
    ];

    /// <summary>A version as it is answered.</summary>
    public static JsonObject Render(Resource version, bool isDefault)
    {
        var json = new JsonObject { ["name"] = version.Name };
        foreach (var (name, value) in version.Body)
        {
            json[name] = value?.DeepClone();
        }

        json.Remove(ArtifactHash);
        json.Remove(ModelHash);
        json["state"] = version.State;
        if (isDefault)
        {
            json["isDefault"] = true;
        }

        json["etag"] = version.Etag;
        return json;
    }

    /// <exception cref="ServiceException">There is no such version, or it is not ready.</exception>
    public static async Task<Resource> RequireReadyAsync(RegistrySession session, string name,
        CancellationToken cancellationToken)
    {
        var version = await session.Resources.FindAsync(name, cancellationToken) ?? throw ServiceException.NotFound(name);
        return version.State == "READY" ? version : throw new ServiceException(
            StatusCode.FailedPrecondition,
            $"'{name}' is {version.State}, expected READY. " +
                $"{version.Body["errorMessage"]?.GetValue<string>() ?? "Wait for the operation that makes it."}");
    }

    async Task<Answer> CreateAsync(ApiRequest request)
    {
        ResourceRules.RequireLabels(request.Body);
        var collection = $"{request.Name}/versions";
        var name = $"{collection}/{ResourceRules.IdOf(request.Body, "name", collection)}";
        RequireDeployable(request.Body);
        request.Body.Remove("name");
        request.Body.Remove("etag");

        // As CMLE: only a patch sets it.
        request.Body.Remove("requestLoggingConfig");
        request.Body["createTime"] = WireValue.Instant(request.Engine.Now);
        var operation = await request.WriteAsync(async session =>
        {
            _ = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            if (await session.Resources.CountInProjectAsync(request.Project, Kind, null,
                request.Cancellation) >= quotas.Quotas.Versions)
            {
                throw new ServiceException(
                    StatusCode.ResourceExhausted,
                    $"'projects/{request.Project}' has {quotas.Quotas.Versions:N0} versions, its quota. Delete one.");
            }

            var version = new Resource(name, Kind, request.Name, "CREATING", request.Body);
            if (!await session.Resources.TryInsertAsync(version, request.Cancellation))
            {
                throw ServiceException.Exists(name);
            }

            return await Operations.AddAsync(request, session, "CREATE_VERSION", request.Name,
                Render(version with { Revision = 1 }, false));
        });
        request.Engine.Signal.Set();
        return Answer.Of(operation);
    }

    async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var version = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        var model = await session.Resources.FindAsync(version.Parent, request.Cancellation);
        return Render(version, IsDefault(model, version));
    }));

    async Task<Answer> ListAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var model = await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        return await ResourceList.ReadAsync(
            request, session, Kind, "versions", ResourceOrder.ByName, ApiSurface.V1.Message("Version"),
            version => Render(version, IsDefault(model, version)));
    }));

    async Task<Answer> PatchAsync(ApiRequest request)
    {
        var mask = UpdateMask.Parse(request.Parameter("updateMask"), ApiSurface.V1.Message("Version"), Patchable);
        ResourceRules.RequireLabels(request.Body);
        Resource? made = null;
        var answer = Answer.Of(await request.WriteAsync(async session =>
        {
            var version = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            RequireSettled(version);
            request.RequireEtag(version);
            UpdateMask.Apply(mask, request.Body, version.Body);
            if (version.Body["autoScaling"] is JsonObject { Count: > 0 } &&
                version.Body["manualScaling"] is JsonObject { Count: > 0 })
            {
                throw ServiceException.Invalid("manualScaling",
                    "a version has either autoScaling or manualScaling; patch the other away in the same mask.");
            }

            var changed = await session.Resources.TryUpdateAsync(version, request.Cancellation) ??
                throw ServiceException.StaleEtag(version.Name);
            made = changed;
            var json = Render(changed, IsDefault(await session.Resources.FindAsync(version.Parent, request.Cancellation), changed));
            return await DoneOperation.AddAsync(request, session, "UPDATE_VERSION", version.Parent, json, "Version", json);
        }));
        if (mask.Any(path => path[0] is "autoScaling" or "manualScaling"))
        {
            await fleet.FollowScalingAsync(made!, request.Cancellation); // the write has made it, or thrown
        }

        return answer;
    }

    async Task<Answer> DeleteAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        // The model first, as creating does, so that the two can't wait for each other.
        var model = await session.Resources.FindForUpdateAsync(Parent(request.Name), request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        var version = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        RequireSettled(version);
        fleet.RequireNotDeployed(version.Name);
        if (IsDefault(model, version))
        {
            if (await session.Resources.CountAsync(model.Name, Kind, request.Cancellation) > 1)
            {
                throw new ServiceException(
                    StatusCode.FailedPrecondition,
                    $"'{version.Name}' is the default version. Make another the default first (setDefault), or delete the " +
                    $"others before.");
            }

            model.Body.Remove("defaultVersion");
            await session.Resources.TryUpdateAsync(model, request.Cancellation);
        }

        await session.Resources.DeleteAsync(version.Name, request.Cancellation);
        return await DoneOperation.AddAsync(request, session, "DELETE_VERSION", model.Name, Render(version, false), null, null);
    }));

    async Task<Answer> SetDefaultAsync(ApiRequest request)
    {
        var answer = Answer.Of(await request.WriteAsync(async session =>
        {
            var model = await session.Resources.FindForUpdateAsync(Parent(request.Name), request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            var version = await RequireReadyAsync(session, request.Name, request.Cancellation);
            model.Body["defaultVersion"] = version.Name;
            _ = await session.Resources.TryUpdateAsync(model, request.Cancellation) ?? throw ServiceException.StaleEtag(model.Name);
            return Render(version, isDefault: true);
        }));
        await fleet.FollowDefaultAsync(request.Name, request.Cancellation);
        return answer;
    }

    static bool IsDefault(Resource? model, Resource version) =>
        model is not null && ModelMethods.DefaultOf(model) == version.Name;

    static string Parent(string versionName) => versionName[..versionName.LastIndexOf("/versions/", StringComparison.Ordinal)];

    static void RequireSettled(Resource version)
    {
        if (version.State is "CREATING" or "UPDATING" or "DELETING")
        {
            throw new ServiceException(StatusCode.FailedPrecondition,
                $"'{version.Name}' is {version.State}. Wait until its operation is done.");
        }
    }

    static void RequireDeployable(JsonObject body)
    {
        if (body["container"] is not null || body["predictionClass"] is not null)
        {
            throw new ServiceException(
                StatusCode.Unimplemented,
                "Versions are models of Capstan: data, never code. Containers and prediction classes are not run; deploy the " +
                    "folder that 'capstan train' or a training job wrote.");
        }

        if (body["deploymentUri"]?.GetValue<string>() is not { Length: > 0 })
        {
            throw ServiceException.Invalid("deploymentUri",
                "it must say where the model's files are: gs://BUCKET/PATH, or a folder of the server.");
        }

        if (body["autoScaling"] is not null && body["manualScaling"] is not null)
        {
            throw ServiceException.Invalid("manualScaling", "a version has either autoScaling or manualScaling.");
        }
    }
}

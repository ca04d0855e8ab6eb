using System.Text;
using System.Text.Json.Nodes;
using Capstan.Data;
using Capstan.Models;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// Data that versions were trained on, by its fingerprint: known from the first version that was, with the places it was read
/// from. What is known of its columns comes from the models, which carry the statistics of what they read.
/// </summary>
sealed class DatasetMethods(ModelCache models) : IMethodGroup
{
    public const string Kind = "dataset";

    const string TrainedOn = "trained-on";
    const int LongestId = 128;

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.datasets.get", GetAsync),
        ("ml.projects.datasets.getStatistics", GetStatisticsAsync),
        ("ml.projects.datasets.list", ListAsync),
        ("ml.projects.datasets.patch", PatchAsync),
        ("ml.projects.models.versions.getStatistics", GetVersionStatisticsAsync),
    ];

    /// <summary>The data set of a model that has become a version.</summary>
    public static Resource Of(string project, Lineage lineage, DateTimeOffset now)
    {
        // files:HASH is files_HASH in a name; a fingerprint that could be none gets a hash of its own.
        var fingerprint = lineage.DataFingerprint;
        var word = fingerprint.Replace(':', '_');
        var id = word.Length is > 0 and <= LongestId && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? word
            : ContentHash.Of(Encoding.UTF8.GetBytes(fingerprint)).ToString();
        return new Resource($"projects/{project}/datasets/{id}", Kind, $"projects/{project}", "", new JsonObject
        {
            ["fingerprint"] = fingerprint,
            ["dataUris"] = new JsonArray([.. lineage.Data.Select(place => (JsonNode)place)]),
            ["rows"] = $"{lineage.TrainingRows + lineage.ValidationRows + lineage.RowsWithoutLabel}",
            ["createTime"] = WireValue.Instant(now),
        });
    }

    static JsonObject Render(Resource dataset) => Render(dataset, []);

    static JsonObject Render(Resource dataset, IEnumerable<Resource> versions)
    {
        var json = new JsonObject { ["name"] = dataset.Name };
        foreach (var (name, value) in dataset.Body)
        {
            json[name] = value?.DeepClone();
        }

        if (versions.Select(version => (JsonNode)version.Name).ToArray() is { Length: > 0 } names)
        {
            json["versions"] = new JsonArray(names);
        }

        json["etag"] = dataset.Etag;
        return json;
    }

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        var dataset = await RequireAsync(request, session);
        return Render(dataset, await VersionsAsync(request, session, dataset));
    }));

    static async Task<Answer> ListAsync(ApiRequest request) =>
        Answer.Of(await request.ReadAsync(session => ResourceList.ReadAsync(
        request, session, Kind, "datasets", ResourceOrder.NewestFirst, ApiSurface.V1Beta.Message("Dataset"), Render)));

    static async Task<Answer> PatchAsync(ApiRequest request)
    {
        var mask = UpdateMask.Parse(
            request.Parameter("updateMask"), ApiSurface.V1Beta.Message("Dataset"), "description", "labels");
        ResourceRules.RequireLabels(request.Body);
        return Answer.Of(await request.WriteAsync(async session =>
        {
            var dataset = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
                throw ServiceException.NotFound(request.Name);
            request.RequireEtag(dataset);
            UpdateMask.Apply(mask, request.Body, dataset.Body);
            return Render(await session.Resources.TryUpdateAsync(dataset, request.Cancellation) ??
                throw ServiceException.StaleEtag(dataset.Name));
        }));
    }

    /// <summary>Of all columns that any version trained on it reads; of one that several read, by the latest version.</summary>
    async Task<Answer> GetStatisticsAsync(ApiRequest request)
    {
        var versions = await request.ReadAsync(async session =>
            await VersionsAsync(request, session, await RequireAsync(request, session)));
        var columns = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var version in versions)
        {
            foreach (var column in StatisticsMessage.ColumnsOf(await StatisticsOfAsync(version, request.Cancellation)))
            {
                columns.TryAdd($"{column["name"]}", column);
            }
        }

        return Answer.Of(new JsonObject { ["columns"] = new JsonArray([.. columns.Values]) });
    }

    async Task<Answer> GetVersionStatisticsAsync(ApiRequest request)
    {
        var version = await request.ReadAsync(session =>
            VersionMethods.RequireReadyAsync(session, request.Name, request.Cancellation));
        return Answer.Of(new JsonObject
        {
            ["columns"] = new JsonArray([.. StatisticsMessage.ColumnsOf(await StatisticsOfAsync(version, request.Cancellation))]),
        });
    }

    async Task<TableStatistics> StatisticsOfAsync(Resource version, CancellationToken cancellationToken)
    {
        var hash = version.Body[VersionMethods.ArtifactHash]!.GetValue<string>(); // a ready version has one
        return (await models.ReadAsync(hash, cancellationToken)).TrainingStatistics;
    }

    static async Task<Resource> RequireAsync(ApiRequest request, RegistrySession session) =>
        await session.Resources.FindAsync(request.Name, request.Cancellation) ?? throw ServiceException.NotFound(request.Name);

    /// <summary>The versions of the project that were trained on it and are there still, latest first.</summary>
    static async Task<List<Resource>> VersionsAsync(ApiRequest request, RegistrySession session, Resource dataset)
    {
        var versions = new List<Resource>();
        foreach (var model in await session.Lineage.ToAsync($"data:{dataset.Body["fingerprint"]}", request.Cancellation))
        {
            if (model.Relation != TrainedOn)
            {
                continue;
            }

            foreach (var artifact in await session.Lineage.ToAsync(model.Origin, request.Cancellation))
            {
                foreach (var served in await session.Lineage.ToAsync(artifact.Origin, request.Cancellation))
                {
                    if (Resource.ProjectOf(served.Origin) == dataset.Project &&
                        await session.Resources.FindAsync(served.Origin, request.Cancellation) is
                        { Kind: VersionMethods.Kind, State: "READY" } version)
                    {
                        versions.Add(version);
                    }
                }
            }
        }

        return [.. versions.OrderByDescending(version => version.Sequence)];
    }
}

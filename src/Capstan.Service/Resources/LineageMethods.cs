using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>From a version to its data, pipeline, seed and release.</summary>
sealed class LineageMethods(ModelCache models) : IMethodGroup
{
    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
        [("ml.projects.models.versions.getLineage", GetAsync)];

    async Task<Answer> GetAsync(ApiRequest request)
    {
        var (version, edges) = await request.ReadAsync(async session => (
            await VersionMethods.RequireReadyAsync(session, request.Name, request.Cancellation),
            await session.Lineage.FromAsync(request.Name, request.Cancellation)));
        var hash = version.Body[VersionMethods.ArtifactHash]!.GetValue<string>(); // a ready version has both hashes
        var lineage = (await models.ReadAsync(hash, request.Cancellation)).Lineage;
        var metrics = new JsonObject();
        foreach (var (name, value) in lineage.Metrics)
        {
            metrics[name] = value;
        }

        return Answer.Of(new JsonObject
        {
            ["artifactHash"] = hash,
            ["modelHash"] = version.Body[VersionMethods.ModelHash]!.GetValue<string>(),
            ["capstanVersion"] = lineage.CapstanVersion,
            ["seed"] = $"{lineage.Seed}",
            ["dataFingerprint"] = lineage.DataFingerprint,
            ["data"] = new JsonArray([.. lineage.Data.Select(place => (JsonNode)place)]),
            ["pipeline"] = JsonNode.Parse(lineage.Pipeline.GetRawText()),
            ["metrics"] = metrics,
            ["edges"] = new JsonArray([.. edges.Select(edge => new JsonObject
            {
                ["origin"] = edge.Origin, ["relation"] = edge.Relation, ["target"] = edge.Target,
            })]),
        });
    }
}

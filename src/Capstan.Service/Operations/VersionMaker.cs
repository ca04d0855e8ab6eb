using Capstan.Data;
using Capstan.Models;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>What became of a version that was to be made.</summary>
abstract record VersionMade
{
    private protected VersionMade()
    {
    }

    /// <param name="ModelHash">Of the model's content, which 'capstan reproduce' compares.</param>
    /// <param name="Data">What the model was trained on.</param>
    internal sealed record Ready(
        ArtifactRecord Artifact, string ModelHash, IReadOnlyList<LineageEdge> Edges, Resource Data) : VersionMade;

    internal sealed record Failed(StatusCode Code, string Message) : VersionMade;
}

/// <summary>
/// Makes a version: copies the files, reads the copy as a model, replays its golden rows, and tells where it comes from.
/// </summary>
sealed class VersionMaker(Engine engine, SourceFiles sources, ModelCache models)
{
    public async Task<VersionMade> MakeAsync(string versionName, CancellationToken cancellationToken)
    {
        var version = await engine.Database.ReadAsync(session =>
            session.Resources.FindAsync(versionName, cancellationToken), cancellationToken);
        var uri = version?.Body["deploymentUri"]?.GetValue<string>();
        if (version is null || uri is null)
        {
            return new VersionMade.Failed(StatusCode.NotFound, $"'{versionName}' was deleted meanwhile.");
        }

        try
        {
            var files = await sources.ListAsync(uri, cancellationToken);
            if (files.Count == 0)
            {
                return new VersionMade.Failed(StatusCode.NotFound,
                    $"There are no files at {uri}. Upload the model's folder there, or name another place.");
            }

            var copy = await engine.Copies.CopyAsync(
                files, engine.Options.MaxVersionBytes, engine.Now, ClaimAsync, cancellationToken);
            var artifact = await models.ReadAsync(copy.Hash, cancellationToken);
            return new VersionMade.Ready(copy, artifact.Hash.ToString(), Edges(versionName, uri, copy, artifact),
                DatasetMethods.Of(version.Project, artifact.Lineage, engine.Now));
        }
        catch (Exception refusal) when (refusal is ArtifactRefusedException or DamagedArtifactException or ServiceException)
        {
            return new VersionMade.Failed(StatusCode.InvalidArgument, refusal.Message);
        }
        catch (CorruptArtifactException refusal)
        {
            return new VersionMade.Failed(
                StatusCode.InvalidArgument, $"The files at {uri} are no model of Capstan: {refusal.Message} Deploy the folder " +
                    $"that 'capstan train' or a training job wrote.");
        }
        catch (Exception refusal) when (refusal is ForeignModelException or UnknownRuntimeException)
        {
            return new VersionMade.Failed(StatusCode.InvalidArgument, $"The model at {uri} can't be served: {refusal.Message}");
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return new VersionMade.Failed(StatusCode.Unavailable, $"The files at {uri} could not be copied: {trouble.Message}");
        }
    }

    Task ClaimAsync(ArtifactRecord copy) => engine.Database.WriteAsync(session =>
        session.Artifacts.ClaimAsync(copy, CancellationToken.None), CancellationToken.None);

    static IReadOnlyList<LineageEdge> Edges(string versionName, string uri, ArtifactRecord copy, ModelArtifact artifact)
    {
        var model = $"model:{artifact.Hash}";
        var lineage = artifact.Lineage;
        List<LineageEdge> edges =
        [
            new(versionName, "served-from", $"artifact:{copy.Hash}"),
            new(versionName, "copied-from", uri),
            new($"artifact:{copy.Hash}", "holds", model),
            new(model, "trained-on", $"data:{lineage.DataFingerprint}"),
            new(model, "trained-by",
                $"pipeline:{ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(lineage.Pipeline.GetRawText()))}"),
            new(model, "made-with", $"capstan:{lineage.CapstanVersion}"),
            new(model, "seeded-by", $"seed:{lineage.Seed}"),
        ];
        edges.AddRange(lineage.Data.Select(place => new LineageEdge($"data:{lineage.DataFingerprint}", "read-from", place)));
        if (lineage.Parent is { } parent)
        {
            edges.Add(new(model, "continues", $"model:{parent}"));
        }

        return edges;
    }
}

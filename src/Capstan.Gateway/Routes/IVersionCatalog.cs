using Capstan.Data;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>A version that can be deployed.</summary>
/// <param name="Name">As routes name it: <c>v2</c>.</param>
/// <param name="Artifact">What the catalog finds its artifact by, on every machine: a folder, or a name of its own.</param>
/// <param name="Hash">The artifact's content hash.</param>
/// <param name="Scaling">How many replicas its model has from when it is first deployed; null leaves that as it is.</param>
public sealed record CatalogVersion(string Name, string Artifact, ContentHash Hash, ScaleSettings? Scaling = null);

/// <summary>Knows the versions of models: a registry, or nothing.</summary>
public interface IVersionCatalog
{
    /// <returns>Null where there is no such version.</returns>
    /// <exception cref="RouteRefusedException">There is one, and it can't be deployed.</exception>
    ValueTask<CatalogVersion?> FindAsync(string model, string version, CancellationToken cancellationToken);

    /// <summary>The folder in which this machine, and the replicas of its gateway, find an artifact; written there if need be.</summary>
    /// <param name="artifact">As <see cref="CatalogVersion.Artifact"/> names it.</param>
    /// <exception cref="RouteRefusedException">It can't be had.</exception>
    ValueTask<string> FolderOfAsync(string artifact, CancellationToken cancellationToken);
}

/// <summary>Knows no version: what is deployed comes as a folder.</summary>
public sealed class EmptyCatalog : IVersionCatalog
{
    public ValueTask<CatalogVersion?> FindAsync(string model, string version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CatalogVersion?>(null);

    public ValueTask<string> FolderOfAsync(string artifact, CancellationToken cancellationToken) => ValueTask.FromResult(artifact);
}

using Capstan.Data;

namespace Capstan.Gateway;

/// <summary>A version that can be deployed.</summary>
/// <param name="Name">As routes name it: <c>v2</c>.</param>
/// <param name="ArtifactFolder">Where replicas find the artifact.</param>
/// <param name="Hash">The artifact's content hash.</param>
public sealed record CatalogVersion(string Name, string ArtifactFolder, ContentHash Hash);

/// <summary>Knows the versions of models: a registry, or nothing.</summary>
public interface IVersionCatalog
{
    /// <returns>Null where there is no such version.</returns>
    ValueTask<CatalogVersion?> FindAsync(string model, string version, CancellationToken cancellationToken);
}

/// <summary>Knows no version: what is deployed comes as a folder.</summary>
public sealed class EmptyCatalog : IVersionCatalog
{
    public ValueTask<CatalogVersion?> FindAsync(string model, string version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CatalogVersion?>(null);
}

using Capstan.Data;
using Capstan.Gateway;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// The registry's versions as what can be deployed. A version is served from a folder of this machine that is written from the
/// stored copy, every byte hashed on the way. Thread-safe.
/// </summary>
/// <param name="folder">Where those folders are; each has the name of its copy, and never changes.</param>
sealed class RegistryCatalog(Engine engine, string folder) : IVersionCatalog
{
    public async ValueTask<CatalogVersion?> FindAsync(string model, string version, CancellationToken cancellationToken)
    {
        var name = $"{RouteName.ModelOf(model)}/versions/{version}";
        var found = await engine.Database.ReadAsync(session => session.Resources.FindAsync(name, cancellationToken), cancellationToken);
        if (found is not { Kind: VersionMethods.Kind } || RouteName.Of(name) != model)
        {
            return null;
        }

        if (found.State != "READY")
        {
            throw NotReady($"'{name}' is {found.State}, expected READY. Wait for the operation that makes it.", null);
        }

        // A ready version has both.
        var copy = found.Body[VersionMethods.ArtifactHash]!.GetValue<string>();
        var hash = new ContentHash(found.Body[VersionMethods.ModelHash]!.GetValue<string>());
        return new CatalogVersion(version, copy, hash, VersionScaling.Of(found.Body));
    }

    /// <summary>Written aside and renamed, so that a folder that is there is whole.</summary>
    /// <param name="artifact">The copy's hash.</param>
    public async ValueTask<string> FolderOfAsync(string artifact, CancellationToken cancellationToken)
    {
        var place = Path.Combine(folder, artifact);
        if (Directory.Exists(place))
        {
            return place;
        }

        var aside = $"{place}.{Guid.NewGuid():N}";
        try
        {
            await engine.Copies.MaterializeAsync(artifact, aside, cancellationToken);
            Directory.Move(aside, place);
        }
        catch (DamagedArtifactException damage)
        {
            throw NotReady(damage.Message, damage);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Somebody deployed the same at the same time.
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }

        return place;
    }

    static RouteRefusedException NotReady(string message, Exception? cause) =>
        new(409, "version_not_ready", "The version is not ready", $"{message} Nothing was changed.", cause);
}

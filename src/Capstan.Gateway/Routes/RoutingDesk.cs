using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>
/// A gateway's hold on the routes: every change is made here, one after the other, and those that other gateways on the same
/// store made are taken up. A change returns when it is kept and every running replica of this gateway answers by it; a change
/// that can't be made leaves everything as it was. Thread-safe.
/// </summary>
public sealed partial class RoutingDesk : IDisposable
{
    readonly SemaphoreSlim _changes = new(1);
    readonly IRouteStore _store;
    readonly IVersionCatalog _catalog;
    readonly bool _takesFolders;
    readonly Func<string, FleetDocument, CancellationToken, Task> _distribute;
    readonly TimeProvider _time;
    volatile FleetDocument _current = FleetDocument.Empty;

    /// <param name="distribute">Tells the replicas of a model; fails with <see cref="VersionNotReadyException"/>.</param>
    internal RoutingDesk(IRouteStore store, GatewayOptions options, Func<string, FleetDocument, CancellationToken, Task> distribute)
    {
        (_store, _catalog, _takesFolders, _time, _distribute) = (store, options.Catalog, options.TakesFolders, options.Time, distribute);
    }

    public FleetDocument Current => _current;

    /// <summary>Deploys a version: checks its artifact, loads it wherever the model is served, then gives it its share.</summary>
    /// <returns>The route, in which the version has its name.</returns>
    /// <exception cref="RouteRefusedException">There is no such version, or it is not ready.</exception>
    public async Task<ModelRoute> DeployAsync(string model, Deployment deployment, CancellationToken cancellationToken)
    {
        // Before its turn: a model of another program may take minutes to be refused, and no other change must wait for that.
        var verified = IsDeployed(_current.Table.Find(model), deployment) ? null : await VerifyAsync(model, deployment, cancellationToken);
        return await ChangeAsync(model, mustExist: false, async (route, fleet) =>
        {
            var (version, scaling) = IsDeployed(route, deployment)
                ? (route.Find(deployment.Version!)!, null) // It is there, as just seen.
                : (verified ?? await VerifyAsync(model, deployment, cancellationToken)).In(route, deployment);
            if (route.Find(version.Version) is { } known && known.Hash != version.Hash)
            {
                throw RouteProblems.SameName(model, known, version.Hash);
            }

            deployment.Canary?.Check();
            var isNew = route.Find(version.Version) is null;
            var versions = isNew ? route.Versions.Add(version) : route.Versions;
            if (isNew && scaling is not null)
            {
                scaling.Check();
                fleet = fleet with { Scaling = scaling };
            }

            var old = route.Split;
            var share = deployment.TrafficPerMille ?? (old.Shares.IsEmpty && !deployment.Shadow ? Split.Whole : (int?)null);
            var shares = share is { } perMille ? Shares.Give(old.Shares, version.Version, perMille) : old.Shares;
            var shadows = deployment.Shadow ? old.Shadows.Remove(version.Version).Add(version.Version) : old.Shadows;
            var changed = share is not null || deployment.Shadow;
            return (
                route.With(versions, split: new Split(shares, old.Sticky, shadows)),
                changed ? fleet with { Previous = old, Canary = deployment.Canary is { } canary ? canary with { Version = version.Version } : null } : fleet);
        }, cancellationToken);
    }

    /// <summary>Divides a model's traffic anew.</summary>
    /// <exception cref="RouteRefusedException">The split names a version that is not deployed, or not ready.</exception>
    public Task<ModelRoute> SetSplitAsync(string model, Split split, CanarySettings? canary, CancellationToken cancellationToken) =>
        ChangeAsync(model, mustExist: true, (route, fleet) =>
        {
            foreach (var version in split.Versions.Where(version => route.Find(version) is null))
            {
                throw RouteProblems.NotReady($"Version '{version}' of model '{model}' is not deployed.", null);
            }

            canary?.Check();
            return Task.FromResult((route.With(split: split), fleet with { Previous = route.Split, Canary = canary }));
        }, cancellationToken);

    /// <summary>Goes back to the split before this one; once more comes back to this one.</summary>
    /// <exception cref="RouteRefusedException">There was none.</exception>
    public Task<ModelRoute> RollBackAsync(string model, CancellationToken cancellationToken) =>
        ChangeAsync(model, mustExist: true, (route, fleet) => fleet.Previous is { } previous
            ? Task.FromResult((route.With(split: previous), fleet with { Previous = route.Split, Canary = null }))
            : throw RouteProblems.NothingBefore(model), cancellationToken);

    /// <summary>Ends a trial by going back to the split before it, unless it has ended already: several gateways may judge one.</summary>
    /// <returns>Whether this ended it.</returns>
    internal async Task<bool> EndTrialAsync(string model, CanarySettings canary, CancellationToken cancellationToken)
    {
        var ended = false;
        await ChangeAsync(model, mustExist: true, (route, fleet) =>
        {
            ended = fleet is { Previous: not null } && fleet.Canary == canary;
            return Task.FromResult(ended
                ? (route.With(split: fleet.Previous), fleet with { Previous = route.Split, Canary = null })
                : (route, fleet));
        }, cancellationToken);
        return ended;
    }

    /// <summary>Lets a label name a version.</summary>
    /// <exception cref="RouteRefusedException">The version is not deployed, or not ready.</exception>
    public Task<ModelRoute> SetLabelAsync(string model, string label, string version, CancellationToken cancellationToken) =>
        ChangeAsync(model, mustExist: true, (route, fleet) => route.Find(version) is null
            ? throw RouteProblems.NotReady($"Version '{version}' of model '{model}' is not deployed.", null)
            : Task.FromResult((
                route.With(labels: route.Labels.RemoveAll(each => each.Label == label).Add(new VersionLabel(label, version))), fleet)),
            cancellationToken);

    /// <summary>Says how many replicas a model may have.</summary>
    /// <exception cref="RouteRefusedException">A number is out of its range.</exception>
    public Task<ModelRoute> SetScalingAsync(string model, ScaleSettings scaling, CancellationToken cancellationToken) =>
        ChangeAsync(model, mustExist: true, (route, fleet) =>
        {
            scaling.Check();
            return Task.FromResult((route, fleet with { Scaling = scaling }));
        }, cancellationToken);

    /// <summary>Takes a version away.</summary>
    /// <exception cref="RouteRefusedException">It takes traffic, or has a label.</exception>
    public Task<ModelRoute> UndeployAsync(string model, string version, CancellationToken cancellationToken) =>
        ChangeAsync(model, mustExist: true, (route, fleet) =>
            route.Find(version) is not { } found ? throw RouteProblems.UnknownVersion(model, version)
            : route.Split.Versions.Contains(version) || route.Labels.Any(label => label.Version == version)
                ? throw RouteProblems.InUse(model, version)
                : Task.FromResult((
                    route.With(route.Versions.Remove(found)),
                    fleet with { Previous = fleet.Previous?.Versions.Contains(version) == true ? null : fleet.Previous })),
            cancellationToken);

    public void Dispose() => _changes.Dispose();

    async Task<ModelRoute> ChangeAsync(
        string model, bool mustExist, Func<ModelRoute, ModelFleet, Task<(ModelRoute Route, ModelFleet Fleet)>> change,
        CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                await TakeUpOthersAsync(cancellationToken);
                var current = _current;
                var before = current.Table.Find(model);
                if (before is null && mustExist)
                {
                    throw RouteProblems.UnknownModel(model, current.Table);
                }

                var (route, fleet) = await change(before ?? new ModelRoute(model, [], [], null), current.FleetOf(model));
                if (await TryMakeAsync(model, current, current.With(route, fleet), cancellationToken))
                {
                    return route;
                }
            }
        }
        catch (ArgumentException problem)
        {
            throw RouteProblems.Invalid(problem.Message);
        }
        finally
        {
            _changes.Release();
        }
    }

    static bool IsDeployed(ModelRoute? route, Deployment deployment) =>
        deployment is { Artifact: null, Version: { } version } && route?.Find(version) is not null;

    /// <summary>Finds the artifact and verifies it, so that a broken one reaches no replica.</summary>
    async Task<VerifiedVersion> VerifyAsync(string model, Deployment deployment, CancellationToken cancellationToken)
    {
        var found = deployment.Artifact is { } folder && _takesFolders
            ? new CatalogVersion(deployment.Version ?? "", Path.GetFullPath(folder), default)
            : deployment is { Artifact: null, Version: { } name } ? await _catalog.FindAsync(model, name, cancellationToken) : null;
        if (found is null)
        {
            throw deployment.Artifact is null
                ? RouteProblems.UnknownVersion(model, deployment.Version ?? "")
                : RouteProblems.NoFolders(deployment.Artifact);
        }

        try
        {
            var place = await _catalog.FolderOfAsync(found.Artifact, cancellationToken);
            var artifact = await QuietThread.RunAsync(() => ArtifactCheck.Read(place));
            return found.Hash == default || found.Hash == artifact.Hash
                ? new VerifiedVersion(found, artifact.Hash, (artifact.Predictor as IForeignPredictor)?.Runtime)
                : throw RouteProblems.NotReady(
                    $"The artifact of version '{found.Name}' of model '{model}' has the hash {artifact.Hash.Short}…, the catalog says {found.Hash.Short}….", null);
        }
        catch (Exception cause) when (cause is CorruptArtifactException or UnknownRuntimeException or ForeignModelException
            or IOException or UnauthorizedAccessException)
        {
            throw RouteProblems.NotReady(cause.Message, cause);
        }
    }

    /// <summary>A version that can be deployed, wherever its model's route is when its turn comes.</summary>
    /// <param name="Found">Without a name where the next of v1, v2, … is to be taken.</param>
    sealed record VerifiedVersion(CatalogVersion Found, Data.ContentHash Hash, string? Runtime)
    {
        public (RoutedVersion Version, ScaleSettings? Scaling) In(ModelRoute route, Deployment deployment)
        {
            var hash = Hash.ToString();
            // The same artifact once more is the version that it is already.
            var same = route.Versions.FirstOrDefault(each => deployment.Version is null && each.Hash == hash);
            var name = Found.Name.Length == 0 ? NextName(route.Versions) : Found.Name;
            return (same ?? new RoutedVersion(name, Found.Artifact, hash, Runtime: Runtime), Found.Scaling);
        }
    }

    static string NextName(ImmutableArray<RoutedVersion> versions)
    {
        var number = 1;
        while (versions.Any(version => version.Version == $"v{number}"))
        {
            number++;
        }

        return $"v{number}";
    }
}

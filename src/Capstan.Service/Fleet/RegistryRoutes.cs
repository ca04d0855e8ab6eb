using System.Collections.Immutable;
using Capstan.Gateway;
using Capstan.Registry;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>Keeps routes in the registry's database, so that all servers on it serve by the same ones. Thread-safe.</summary>
sealed class RegistryRoutes(Engine engine) : IRouteStore
{
    public Task<long> GenerationAsync(CancellationToken cancellationToken) =>
        engine.Database.ReadAsync(session => session.Routes.GenerationAsync(cancellationToken), cancellationToken);

    public async Task<FleetDocument> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await StoredAsync(cancellationToken);
        var kept = stored.Bodies.Values.Select(KeptRoute.FromJson).ToImmutableArray();
        return new FleetDocument(
            new RoutingTable(stored.Generation, [.. kept.Select(each => each.Route)]), [.. kept.Select(each => each.Fleet)]);
    }

    public async Task<bool> TryWriteAsync(FleetDocument next, string model, CancellationToken cancellationToken)
    {
        var body = next.Find(model)!.ToJson(); // what is written is there
        var from = next.Table.Generation - 1;
        if (await engine.Database.WriteAsync(session => session.Routes.TryWriteAsync(model, body, from, cancellationToken), cancellationToken))
        {
            return true;
        }

        // Where the answer to a commit was lost, it was tried again and met itself.
        var stored = await StoredAsync(cancellationToken);
        return stored.Generation == next.Table.Generation && stored.Bodies.GetValueOrDefault(model) == body;
    }

    Task<StoredRoutes> StoredAsync(CancellationToken cancellationToken) =>
        engine.Database.ReadAsync(session => session.Routes.ReadAsync(cancellationToken), cancellationToken);
}

namespace Capstan.Registry;

/// <summary>All routes at a moment.</summary>
/// <param name="Generation">Rises by one with every change; 0 where there never was one.</param>
/// <param name="Bodies">By model, as they were written.</param>
public sealed record StoredRoutes(long Generation, IReadOnlyDictionary<string, string> Bodies);

/// <summary>The routes that all servers on a database serve by.</summary>
public readonly struct RouteTable
{
    readonly RegistrySession _session;

    internal RouteTable(RegistrySession session) => _session = session;

    public Task<long> GenerationAsync(CancellationToken cancellationToken) =>
        _session.CountAsync("select generation from route_generation where id = 1", cancellationToken);

    public async Task<StoredRoutes> ReadAsync(CancellationToken cancellationToken)
    {
        var generation = await GenerationAsync(cancellationToken);
        var bodies = await _session.QueryAsync(
            "select model, body from routes", row => (Model: row.GetString(0), Body: row.GetString(1)), cancellationToken);
        return new StoredRoutes(generation, bodies.ToDictionary(each => each.Model, each => each.Body, StringComparer.Ordinal));
    }

    /// <summary>Replaces a model's route, if nobody has changed any since.</summary>
    /// <param name="generation">The one that the change was made from; the next is one more.</param>
    /// <returns>False: another was faster, and nothing was written.</returns>
    public async Task<bool> TryWriteAsync(string model, string body, long generation, CancellationToken cancellationToken)
    {
        // One row for all: whoever finds it changed has lost, whichever model the other one's change was about.
        var won = await _session.ExecuteAsync(
            "insert into route_generation (id, generation) values (1, @next) on conflict (id) do update set generation = @next " +
                "where route_generation.generation = @from",
            cancellationToken, ("@next", generation + 1), ("@from", generation));
        if (won == 0)
        {
            return false;
        }

        await _session.ExecuteAsync(
            "insert into routes (model, body) values (@model, @body) on conflict (model) do update set body = @body",
            cancellationToken, ("@model", model), ("@body", body));
        return true;
    }
}

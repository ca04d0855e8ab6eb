using System.Collections.Immutable;

namespace Capstan.Serving;

/// <summary>
/// The models of a server as its routing table says. A new table is loaded beside the one that answers, and replaces it in one
/// step, or not at all. Thread-safe.
/// </summary>
/// <param name="read">Reads and verifies the model of a version: its name, then what the table says of it.</param>
sealed class ReplicaModels(ModelMemory memory, Func<string, RoutedVersion, IServedModel> read) : IDisposable
{
    // A change names a few versions, which must be ready whatever has to go for them. A table of a thousand models, more than
    // memory holds, must not push out what was just loaded.
    const int MostLoadedWhateverTheRoom = 16;

    readonly SemaphoreSlim _changes = new(1);
    volatile ServedModels _current = new(RoutingTable.Empty, []);

    public ServedModels Current => _current;

    public ModelMemory Memory => memory;

    /// <summary>
    /// Takes a table. Every version that requests can reach by the split or a label and that was not there before is loaded
    /// first, as far as memory goes; the rest is loaded when it is asked for.
    /// </summary>
    /// <returns>False where the table is older than the one that answers, which then stays.</returns>
    /// <exception cref="VersionNotReadyException">A version can't be loaded; the table that answered stays.</exception>
    public async Task<bool> ApplyAsync(RoutingTable table, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var current = _current;
            if (table.Generation <= current.Table.Generation)
            {
                return table.Generation == current.Table.Generation;
            }

            var next = new ServedModels(table, table.Models.Select(route => ServedOf(route, current.Find(route.Model))));
            await LoadNewAsync(current, next, cancellationToken);
            _current = next;
            foreach (var gone in SlotsOf(current).Except(SlotsOf(next)))
            {
                memory.Drop(gone);
            }

            return true;
        }
        finally
        {
            _changes.Release();
        }
    }

    public void Dispose() => _changes.Dispose();

    /// <summary>A version that stays the same keeps its slot: what is loaded, its requests in progress and its counts.</summary>
    ServedRoute ServedOf(ModelRoute route, ServedRoute? before) => new(route, [.. route.Versions.Select(version =>
        before?.Find(version.Version) is { } kept && kept.Source == version
            ? kept
            : new VersionSlot(route.Model, version, memory, () => read(route.Model, version)))]);

    async Task LoadNewAsync(ServedModels current, ServedModels next, CancellationToken cancellationToken)
    {
        ImmutableArray<VersionSlot> wanted = [.. Reachable(next).Except(Reachable(current))];
        foreach (var slot in wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (wanted.Length <= MostLoadedWhateverTheRoom || memory.HasRoomFor(ModelMemory.BytesOf(slot.Source)))
            {
                await (current.All.Length > 0 ? slot.LoadQuietlyAsync() : slot.GetAsync().AsTask());
            }
        }
    }

    static IEnumerable<VersionSlot> Reachable(ServedModels models) => models.All.SelectMany(route => route.Route.Split.Versions
        .Concat(route.Route.Labels.Select(label => label.Version)).Distinct(StringComparer.Ordinal)
        .Select(version => route.Find(version)!)); // A route names its own versions only.

    static IEnumerable<VersionSlot> SlotsOf(ServedModels models) => models.All.SelectMany(route => route.Versions);
}

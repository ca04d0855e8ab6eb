using System.Collections.Immutable;

namespace Capstan.Serving;

/// <summary>
/// The models that a server answers for, as one table says: immutable, and swapped whole, so that a request meets one table from
/// its beginning to its end.
/// </summary>
sealed class ServedModels
{
    /// <summary>The name of the version of a model that is served without a routing table.</summary>
    public const string OnlyVersion = "1";

    readonly Dictionary<string, ServedRoute>.AlternateLookup<ReadOnlySpan<char>> _byName;

    public ServedModels(RoutingTable table, IEnumerable<ServedRoute> routes)
    {
        Table = table;
        All = [.. routes.OrderBy(route => route.Name, StringComparer.Ordinal)];
        _byName = All.ToDictionary(route => route.Name, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Models that are loaded already, each in one version that takes all requests.</summary>
    /// <exception cref="ArgumentException">There is no model, two share a name, or one can't be served as it is.</exception>
    public static ServedModels Of(IEnumerable<IServedModel> models)
    {
        var routes = new Dictionary<string, ServedRoute>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            var slot = new VersionSlot(new ModelSlot(model));
            var route = new ModelRoute(
                model.Name, [new RoutedVersion(OnlyVersion, "", model.Version, int.MaxValue)], [], Split.AllTo(OnlyVersion));
            if (!routes.TryAdd(model.Name, new ServedRoute(route, [slot])))
            {
                throw new ArgumentException($"Two models are named '{model.Name}'; a URL can lead to only one. Give " +
                    $"one another name.", nameof(models));
            }
        }

        return routes.Count > 0
            ? new ServedModels(RoutingTable.Empty, routes.Values)
            : throw new ArgumentException("There is no model to serve; give at least one.", nameof(models));
    }

    public RoutingTable Table { get; }

    public ImmutableArray<ServedRoute> All { get; }

    public ServedRoute? Find(ReadOnlySpan<char> name) => _byName.TryGetValue(name, out var route) ? route : null;
}

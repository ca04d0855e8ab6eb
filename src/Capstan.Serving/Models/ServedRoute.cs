using System.Collections.Immutable;

namespace Capstan.Serving;

/// <summary>A model's route with the versions that answer. Immutable.</summary>
sealed class ServedRoute
{
    readonly ImmutableArray<VersionSlot> _byShare;

    /// <param name="versions">One for each of the route's versions, in that order.</param>
    public ServedRoute(ModelRoute route, ImmutableArray<VersionSlot> versions)
    {
        (Route, Versions) = (route, versions);
        _byShare = [.. route.Split.Shares.Select(share => SlotOf(share.Version))];
        Shadows = [.. route.Split.Shadows.Select(SlotOf)];
        Default = _byShare.IsEmpty
            ? versions.LastOrDefault()
            : _byShare[route.Split.Shares.IndexOf(route.Split.Shares.MaxBy(share => share.PerMille))];
    }

    public string Name => Route.Model;

    public ModelRoute Route { get; }

    public ImmutableArray<VersionSlot> Versions { get; }

    public ImmutableArray<VersionSlot> Shadows { get; }

    /// <summary>The version that gets most requests, of none the last deployed; null where there is no version.</summary>
    public VersionSlot? Default { get; }

    public VersionSlot? Find(ReadOnlySpan<char> version)
    {
        foreach (var slot in Versions)
        {
            if (version.SequenceEqual(slot.Version))
            {
                return slot;
            }
        }

        return null;
    }

    public VersionSlot? FindLabel(ReadOnlySpan<char> label)
    {
        foreach (var each in Route.Labels)
        {
            if (label.SequenceEqual(each.Label))
            {
                return Find(each.Version);
            }
        }

        return null;
    }

    /// <returns>Null where the model takes no traffic.</returns>
    public VersionSlot? Pick(ulong keyHash) => Route.Split.Pick(keyHash) is >= 0 and var index ? _byShare[index] : null;

    VersionSlot SlotOf(string version) => Find(version)!; // The route was checked to name its own versions only.
}

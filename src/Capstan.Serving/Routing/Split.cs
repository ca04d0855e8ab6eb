using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>A version's part of a model's traffic.</summary>
/// <param name="PerMille">From 0 to 1000.</param>
public readonly record struct Share(string Version, int PerMille);

/// <summary>
/// How a model's requests are divided among its versions: by weighted rendezvous of the request's key with every version, so
/// that the same key meets the same version on every machine, and a change of weights moves only as many keys as it must.
/// Immutable.
/// </summary>
/// <remarks>
/// Source: C. Schindelhauer, G. Schomaker, "Weighted distributed hash tables", SPAA 2005 (the logarithmic method): the version
/// with the largest −weight / ln(u) wins, where u is uniform in (0, 1) by the hash of key and version. Raising one version's
/// weight takes keys from the others and gives none of theirs to one another.
/// </remarks>
public sealed class Split
{
    public const int Whole = 1000;

    readonly ulong[] _hashes;

    /// <param name="shares">Add up to 1000 per mille, or there are none and the model takes no traffic.</param>
    /// <param name="sticky">
    /// What callers stick by: <c>header:NAME</c>, <c>cookie:NAME</c> or <c>field:NAME</c>; null draws a version for each request.
    /// </param>
    /// <param name="shadows">Versions that get a copy of every request and whose answers nobody sees.</param>
    /// <exception cref="ArgumentException">The shares do not add up, a version appears twice, or the sticky key is not one.</exception>
    public Split(ImmutableArray<Share> shares, string? sticky, ImmutableArray<string> shadows)
    {
        (Shares, Sticky, Shadows) = (shares.IsDefault ? [] : shares, sticky, shadows.IsDefault ? [] : shadows);
        foreach (var share in Shares)
        {
            if (share.PerMille is < 0 or > Whole)
            {
                throw new ArgumentException(
                    $"Version '{share.Version}' has a share of {share.PerMille} per mille; expected 0 to {Whole}.", nameof(shares));
            }
        }

        var sum = Shares.Sum(share => share.PerMille);
        if (!Shares.IsEmpty && sum != Whole)
        {
            throw new ArgumentException(
                $"The shares {string.Join(" + ", Shares.Select(share => share.PerMille))} add up to {sum} per mille; " +
                $"expected {Whole}, or no share at all for a model that takes no traffic.", nameof(shares));
        }

        if (Shares.GroupBy(share => share.Version, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new ArgumentException($"Version '{twice}' has two shares; give it one.", nameof(shares));
        }

        StickyBy = sticky is null ? null : StickyKey.Parse(sticky);
        _hashes = [.. Shares.Select(share => ValueHash.Of(Encoding.UTF8.GetBytes(share.Version)))];
    }

    /// <summary>No traffic.</summary>
    public static Split None { get; } = new([], null, []);

    public ImmutableArray<Share> Shares { get; }

    public string? Sticky { get; }

    public ImmutableArray<string> Shadows { get; }

    internal StickyKey? StickyBy { get; }

    /// <summary>All traffic to one version.</summary>
    public static Split AllTo(string version) => new([new Share(version, Whole)], null, []);

    /// <summary>The versions that a request can reach through this split.</summary>
    [JsonIgnore]
    public IEnumerable<string> Versions => Shares.Select(share => share.Version).Concat(Shadows).Distinct(StringComparer.Ordinal);

    /// <summary>The version of a request.</summary>
    /// <param name="keyHash">A hash of the caller's key, or 64 random bits where callers do not stick.</param>
    /// <returns>The index in <see cref="Shares"/>; -1 where there is no traffic.</returns>
    public int Pick(ulong keyHash)
    {
        if (Shares.Length == 1)
        {
            return 0;
        }

        var (best, highest) = (-1, 0.0);
        for (var index = 0; index < _hashes.Length; index++)
        {
            // The half keeps u above 0 and below 1, so that the logarithm is finite and below 0.
            var uniform = ((ValueHash.Mix(keyHash ^ _hashes[index]) >> 11) + 0.5) * (1.0 / (1UL << 53));
            var score = -Shares[index].PerMille / Math.Log(uniform);
            if (score > highest)
            {
                (best, highest) = (index, score);
            }
        }

        return best;
    }
}

using System.Collections.Immutable;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>A version that shall answer.</summary>
/// <param name="Version">Its name; null takes the next of v1, v2, …, which needs a folder.</param>
/// <param name="Artifact">The artifact's folder; null asks the catalog.</param>
/// <param name="TrafficPerMille">Its share; the other versions keep their proportions. Null: all where it is the first, otherwise none.</param>
/// <param name="Shadow">Whether it gets a copy of every request.</param>
/// <param name="Canary">When to take its share away again; null never does.</param>
public sealed record Deployment(
    string? Version = null, string? Artifact = null, int? TrafficPerMille = null, bool Shadow = false, CanarySettings? Canary = null);

/// <summary>Names a version.</summary>
public sealed record VersionReference(string Version);

/// <summary>A whole split.</summary>
public sealed record SplitRequest(
    ImmutableArray<Share> Shares, string? Sticky = null, ImmutableArray<string> Shadows = default, CanarySettings? Canary = null)
{
    /// <exception cref="ArgumentException">The shares do not add up, or the sticky key is none.</exception>
    public Split ToSplit() => new(Shares, Sticky, Shadows);
}

/// <summary>What came of a prediction: by the request's id, or by the key that the caller sticks by (its latest answer).</summary>
/// <param name="Outcome">Finite: 1 or 0 for what happened or not, a number for what was predicted.</param>
public sealed record OutcomeReport(double Outcome, string? RequestId = null, string? Key = null);

/// <summary>Works out new shares.</summary>
static class Shares
{
    /// <summary>
    /// Gives a version its share and keeps the proportions of the others; what rounding leaves over goes to those that it cut
    /// most (the largest remainders).
    /// </summary>
    public static ImmutableArray<Share> Give(ImmutableArray<Share> shares, string version, int perMille)
    {
        Share[] others = [.. shares.Where(share => share.Version != version && share.PerMille > 0)];
        var rest = Split.Whole - perMille;
        if (others.Length == 0)
        {
            return rest == 0
                ? [new Share(version, Split.Whole)]
                : throw new ArgumentException(
                    $"{perMille} per mille for version '{version}' leave {rest} for no other version; it is the only one with traffic.");
        }

        var sum = others.Sum(share => share.PerMille);
        var given = others.Select(share => (share.Version, PerMille: share.PerMille * rest / sum, Cut: share.PerMille * rest % sum)).ToArray();
        var left = rest - given.Sum(share => share.PerMille);
        var raised = given.OrderByDescending(share => share.Cut).Take(left).Select(share => share.Version).ToHashSet();
        return
        [
            .. given.Select(share => new Share(share.Version, share.PerMille + (raised.Contains(share.Version) ? 1 : 0))).Where(share => share.PerMille > 0),
            .. perMille > 0 ? new[] { new Share(version, perMille) } : [],
        ];
    }
}

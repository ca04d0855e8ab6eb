using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>A damaged artifact is told to every project that has a version of it, and so is its recovery.</summary>
static class DamageAlerts
{
    const string DamageKind = "ARTIFACT_DAMAGED";
    const int ShownDigits = 12;

    /// <param name="damage">What is wrong; null: nothing (any more).</param>
    public static async Task TellAsync(
        RegistrySession session, string hash, string? damage, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var versions = new List<Resource>();
        foreach (var edge in await session.Lineage.ToAsync($"artifact:{hash}", cancellationToken))
        {
            if (await session.Resources.FindAsync(edge.Origin, cancellationToken) is { Kind: VersionMethods.Kind } version)
            {
                versions.Add(version);
            }
        }

        foreach (var project in versions.GroupBy(version => version.Project))
        {
            var name = $"projects/{project.Key}/alerts/damaged_{hash[..ShownDigits]}";
            var known = await session.Resources.FindForUpdateAsync(name, cancellationToken);
            if (damage is null && known is { State: not AlertMethods.Resolved })
            {
                known.Body["endTime"] = WireValue.Instant(now);
                await session.Resources.TryUpdateAsync(known with { State = AlertMethods.Resolved }, cancellationToken);
            }
            else if (damage is not null && known is null)
            {
                await session.Resources.TryInsertAsync(AlertOf(name, project, hash, damage, now), cancellationToken);
            }
            else if (damage is not null && known is { State: AlertMethods.Resolved })
            {
                known.Body.Remove("endTime");
                known.Body["message"] = damage;
                await session.Resources.TryUpdateAsync(known with { State = AlertMethods.Open }, cancellationToken);
            }
        }
    }

    static Resource AlertOf(string name, IGrouping<string, Resource> versions, string hash, string damage, DateTimeOffset now) =>
        new(name, AlertMethods.Kind, $"projects/{versions.Key}", AlertMethods.Open, new JsonObject
        {
            ["kind"] = DamageKind, ["severity"] = "ERROR", ["resource"] = versions.First().Name, ["message"] = damage,
            ["details"] = new JsonObject
            {
                ["artifactHash"] = hash, ["versions"] = new JsonArray([.. versions.Select(version => (JsonNode)version.Name)]),
            },
            ["createTime"] = WireValue.Instant(now),
        });
}

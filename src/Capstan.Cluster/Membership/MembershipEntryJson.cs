using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>
/// A row of the membership table as JSON: what Orleans knows of a node, but for its status and the time it was last seen.
/// </summary>
static class MembershipEntryJson
{
    sealed record Stored(
        string HostName, string SiloName, int GatewayPort, DateTime StartTime, Suspicion[] Suspicions, string? RoleName,
        int UpdateZone, int FaultZone);

    sealed record Suspicion(string By, DateTime At);

    public static string Write(MembershipEntry entry) => JsonSerializer.Serialize(new Stored(
        entry.HostName, entry.SiloName, entry.ProxyPort, entry.StartTime,
        [.. (entry.SuspectTimes ?? []).Select(each => new Suspicion(each.Item1.ToParsableString(), each.Item2))],
        entry.RoleName, entry.UpdateZone, entry.FaultZone));

    public static MembershipEntry Read(string address, SiloStatus status, long alive, string json)
    {
        var stored = JsonSerializer.Deserialize<Stored>(json) ?? throw new JsonException($"The membership entry of {address} is null.");
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString(address),
            Status = status,
            IAmAliveTime = new DateTime(alive, DateTimeKind.Utc),
            HostName = stored.HostName,
            SiloName = stored.SiloName,
            ProxyPort = stored.GatewayPort,
            StartTime = stored.StartTime,
            SuspectTimes = [.. stored.Suspicions.Select(each => Tuple.Create(SiloAddress.FromParsableString(each.By), each.At))],
            RoleName = stored.RoleName,
            UpdateZone = stored.UpdateZone,
            FaultZone = stored.FaultZone,
        };
    }

    /// <summary>Versions as Orleans compares them: as text.</summary>
    public static string Tag(long version) => version.ToString(CultureInfo.InvariantCulture);
}

using System.Data.Common;
using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>
/// Who is in the cluster, in its database: Orleans' membership protocol needs a table whose every change is compared with the
/// version that its writer has read (docs/decisions/0250-membership-in-the-clusters-database.md).
/// </summary>
/// <remarks>
/// Source: Orleans' "extended" membership protocol; the row of the version orders all changes, and is each row's tag.
/// </remarks>
sealed class MembershipTable(ClusterDatabase database, string cluster) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => database.PrepareAsync(CancellationToken.None);

    public Task DeleteMembershipTableEntries(string clusterId) => RunAsync(
        "DELETE FROM capstan_members WHERE cluster = @cluster; DELETE FROM capstan_cluster WHERE cluster = @cluster", ("cluster", clusterId));

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => RunAsync(
        "DELETE FROM capstan_members WHERE cluster = @cluster AND status = @dead AND alive < @before",
        ("cluster", cluster), ("dead", (int)SiloStatus.Dead), ("before", beforeDate.UtcTicks));

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var all = await ReadAll();
        return new MembershipTableData([.. all.Members.Where(member => member.Item1.SiloAddress.Equals(key))], all.Version);
    }

    public async Task<MembershipTableData> ReadAll()
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        // The version is read first: should another change come between, ours is refused by it, and rows newer than it do no
        // harm.
        var version = await VersionAsync(connection);
        var rows = await connection.ReadAsync(
            "SELECT address, status, alive, entry, version FROM capstan_members WHERE cluster = @cluster", [("cluster", cluster)],
            row => Tuple.Create(
                MembershipEntryJson.Read(row.GetString(0), (SiloStatus)row.GetInt32(1), row.GetInt64(2), row.GetString(3)),
                MembershipEntryJson.Tag(row.GetInt64(4))),
            CancellationToken.None);
        return new MembershipTableData(rows, new TableVersion((int)version, MembershipEntryJson.Tag(version)));
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => ChangeAsync(
        tableVersion,
        """
        INSERT INTO capstan_members (cluster, address, version, status, alive, entry)
        VALUES (@cluster, @address, @version, @status, @alive, @entry) ON CONFLICT (cluster, address) DO NOTHING
        """,
        [.. Values(entry)]);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => ChangeAsync(
        tableVersion,
        """
        UPDATE capstan_members SET version = @version, status = @status, alive = @alive, entry = @entry
        WHERE cluster = @cluster AND address = @address AND version = @tag
        """,
        [.. Values(entry), ("tag", long.Parse(etag, CultureInfo.InvariantCulture))]);

    public Task UpdateIAmAlive(MembershipEntry entry) => RunAsync(
        "UPDATE capstan_members SET alive = @alive WHERE cluster = @cluster AND address = @address",
        ("cluster", cluster), ("address", entry.SiloAddress.ToParsableString()), ("alive", entry.IAmAliveTime.Ticks));

    (string, object)[] Values(MembershipEntry entry) =>
    [
        ("cluster", cluster), ("address", entry.SiloAddress.ToParsableString()), ("status", (int)entry.Status),
        ("alive", entry.IAmAliveTime.Ticks), ("entry", MembershipEntryJson.Write(entry)),
    ];

    async Task<bool> ChangeAsync(TableVersion next, string sql, (string, object)[] values)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.RunAsync(
            "INSERT INTO capstan_cluster (cluster, version) VALUES (@cluster, 0) ON CONFLICT (cluster) DO NOTHING",
            [("cluster", cluster)], CancellationToken.None);
        var version = (long)next.Version;
        var first = await connection.RunAsync(
            "UPDATE capstan_cluster SET version = @version WHERE cluster = @cluster AND version = @read",
            [("cluster", cluster), ("version", version), ("read", long.Parse(next.VersionEtag, CultureInfo.InvariantCulture))],
            CancellationToken.None);
        if (first == 0 || await connection.RunAsync(sql, [.. values, ("version", version)], CancellationToken.None) == 0)
        {
            return false;
        }

        await transaction.CommitAsync();
        return true;
    }

    async Task<long> VersionAsync(DbConnection connection)
    {
        var versions = await connection.ReadAsync(
            "SELECT version FROM capstan_cluster WHERE cluster = @cluster", [("cluster", cluster)], row => row.GetInt64(0),
            CancellationToken.None);
        return versions is [var version] ? version : 0;
    }

    async Task RunAsync(string sql, params (string, object)[] values)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.RunAsync(sql, values, CancellationToken.None);
    }
}

namespace Capstan.Cluster;

/// <summary>A node that a pool was asked for.</summary>
/// <param name="Node">The name that it will report under.</param>
sealed record NodeLease(string Node, NodeRoles Roles, MachineLease Lease);

/// <summary>The nodes that a cluster has leased, in its database: whoever schedules next must not lease them again.</summary>
sealed class LeaseStore(ClusterDatabase database, string cluster)
{
    public async Task<List<NodeLease>> AllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ReadAsync(
            "SELECT node, roles, pool, lease FROM capstan_leases WHERE cluster = @cluster ORDER BY node", [("cluster", cluster)],
            row => new NodeLease(row.GetString(0), (NodeRoles)row.GetInt32(1), new MachineLease(row.GetString(2), row.GetString(3))),
            cancellationToken);
    }

    public Task AddAsync(NodeLease lease, CancellationToken cancellationToken) => RunAsync(
        "INSERT INTO capstan_leases (cluster, node, roles, pool, lease) VALUES (@cluster, @node, @roles, @pool, @lease)", cancellationToken,
        ("node", lease.Node), ("roles", (int)lease.Roles), ("pool", lease.Lease.Pool), ("lease", lease.Lease.Id));

    public Task RemoveAsync(string node, CancellationToken cancellationToken) => RunAsync(
        "DELETE FROM capstan_leases WHERE cluster = @cluster AND node = @node", cancellationToken, ("node", node));

    async Task RunAsync(string sql, CancellationToken cancellationToken, params (string, object)[] values)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.RunAsync(sql, [("cluster", cluster), .. values], cancellationToken);
    }
}

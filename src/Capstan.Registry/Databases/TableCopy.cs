namespace Capstan.Registry;

/// <summary>
/// All rows of all tables from one database into an empty one of the same version, whatever kinds they are; but for what servers
/// tell each other while they run.
/// </summary>
static class TableCopy
{
    static readonly (string Table, string[] Columns)[] Tables =
    [
        ("resources", ["name", "kind", "parent", "project", "revision", "state", "body"]),
        ("work", ["name", "kind", "project", "priority", "enqueued_at", "holder", "lease_ends", "attempts"]),
        ("log_lines", ["source", "project", "logged_at", "severity", "replica", "line"]),
        ("policies", ["resource", "revision", "body"]),
        ("api_keys", ["id", "hash", "member", "created_at", "expires_at", "revoked_at"]),
        ("audit", ["at", "member", "method", "resource", "outcome"]),
        ("lineage", ["origin", "relation", "target"]),
        ("artifacts", ["hash", "files", "bytes", "created_at", "verified_at", "damage", "unused_since"]),
        ("route_generation", ["id", "generation"]),
        ("routes", ["model", "body"]),
        ("outcomes", ["model", "body"]),
    ];

    public static async Task RunAsync(RegistrySession source, RegistryDatabase target, CancellationToken cancellationToken)
    {
        foreach (var (table, columns) in Tables)
        {
            var names = string.Join(", ", columns);

            // Rows in the order in which they came, so that the numbers given anew keep it.
            var order = table is "policies" or "api_keys" or "lineage" or "artifacts" or "route_generation" or "routes" ? columns[0]
                : "sequence";
            var rows = await source.QueryAsync($"select {names} from {table} order by {order}", row =>
            {
                var values = new object[columns.Length];
                row.GetValues(values);
                return values;
            }, cancellationToken);
            await target.WriteAsync(async session =>
            {
                foreach (var row in rows)
                {
                    await session.ExecuteAsync(
                        $"insert into {table} ({names}) values ({string.Join(", ", columns.Select(column => $"@{column}"))})",
                        cancellationToken, [.. columns.Zip(row, (column, value) => ($"@{column}", (object?)value))]);
                }
            }, cancellationToken);
        }

        await target.WriteAsync(session =>
            session.ExecuteAsync(session.Database.Dialect(ResourceTable.LabelEverything), cancellationToken), cancellationToken);
    }
}

namespace Capstan.Registry;

/// <summary>Who did or tried what.</summary>
/// <param name="Member">Who: <c>user:ana@example.com</c>; <c>anonymous</c>.</param>
/// <param name="Method">The method's id: <c>ml.projects.models.create</c>.</param>
/// <param name="Outcome">OK, or the name of the error.</param>
public sealed record AuditEntry(DateTimeOffset At, string Member, string Method, string Resource, string Outcome);

/// <summary>All changes, and all refusals; read by an auditor, written by every request that is one of them.</summary>
public readonly struct AuditTable
{
    readonly RegistrySession _session;

    internal AuditTable(RegistrySession session) => _session = session;

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into audit (at, member, method, resource, outcome) values (@at, @member, @method, @resource, @outcome)",
        cancellationToken,
        ("@at", entry.At.ToUnixTimeMilliseconds()), ("@member", entry.Member), ("@method", entry.Method),
        ("@resource", entry.Resource),
        ("@outcome", entry.Outcome));

    /// <summary>The latest entries about a project, newest first.</summary>
    public Task<List<AuditEntry>> LatestAsync(string project, int limit, CancellationToken cancellationToken) =>
        _session.QueryAsync(
        $"select at, member, method, resource, outcome from audit where resource = @project or resource like @below order by " +
            $"sequence desc limit {limit}",
        row => new AuditEntry(
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetString(3),
            row.GetString(4)),
        cancellationToken, ("@project", $"projects/{project}"), ("@below", $"projects/{project}/%"));
}

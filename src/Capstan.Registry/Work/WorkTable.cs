namespace Capstan.Registry;

/// <summary>Something that is still to be done.</summary>
/// <param name="Name">The resource that it is about; each has at most one piece of work.</param>
/// <param name="Kind">What kind of worker does it.</param>
/// <param name="Priority">Larger comes first, within a project.</param>
/// <param name="Attempts">How many workers have begun it.</param>
public sealed record WorkItem(string Name, string Kind, string Project, long Priority, DateTimeOffset EnqueuedAt, long Attempts)
{
    /// <summary>The order of creation.</summary>
    public long Sequence { get; init; }

    /// <summary>Who does it; null: nobody yet.</summary>
    public string? Holder { get; init; }

    /// <summary>Until when the holder has it; renewed while it lives.</summary>
    public DateTimeOffset? LeaseEnds { get; init; }
}

/// <summary>
/// Work that servers share: each takes a piece under a lease and renews it while it works; what is left by one that died is taken
/// by another when its lease has ended. Only the holder can finish a piece, in the transaction that stores the result.
/// </summary>
public readonly struct WorkTable
{
    readonly RegistrySession _session;

    internal WorkTable(RegistrySession session) => _session = session;

    public Task AddAsync(WorkItem item, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into work (name, kind, project, priority, enqueued_at, attempts) values (@name, @kind, @project, @priority, " +
            "@at, 0)",
        cancellationToken, ("@name", item.Name), ("@kind", item.Kind), ("@project", item.Project), ("@priority", item.Priority),
        ("@at", item.EnqueuedAt.ToUnixTimeMilliseconds()));

    public async Task<WorkItem?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ListAsync("name = @value", name, cancellationToken)).SingleOrDefault();

    /// <summary>All work of a kind, taken or not, in the order of creation.</summary>
    public Task<List<WorkItem>> ListAsync(string kind, CancellationToken cancellationToken) =>
        ListAsync("kind = @value", kind, cancellationToken);

    /// <summary>How many of a project wait, up to and with this one; 0: it does not wait any more.</summary>
    public Task<long> PositionAsync(string name, string project, CancellationToken cancellationToken) => _session.CountAsync(
        "select count(*) from work where project = @project and holder is null and sequence <= " +
        "(select sequence from work where name = @name and holder is null)", cancellationToken, ("@project", project),
        ("@name", name));

    /// <summary>Takes a piece that nobody has, or whose holder's lease has ended.</summary>
    /// <returns>False: another was faster.</returns>
    public async Task<bool> TryTakeAsync(string name, string holder, DateTimeOffset now, TimeSpan lease,
        CancellationToken cancellationToken) =>
        await _session.ExecuteAsync(
            "update work set holder = @holder, lease_ends = @ends, attempts = attempts + 1 " +
            "where name = @name and (holder is null or lease_ends < @now or holder = @holder)",
            cancellationToken, ("@name", name), ("@holder", holder), ("@ends", (now + lease).ToUnixTimeMilliseconds()),
            ("@now", now.ToUnixTimeMilliseconds())) == 1;

    /// <returns>False: the piece is another's or done; whoever asks must stop.</returns>
    public async Task<bool> TryRenewAsync(string name, string holder, DateTimeOffset now, TimeSpan lease,
        CancellationToken cancellationToken) =>
        await _session.ExecuteAsync(
            "update work set lease_ends = @ends where name = @name and holder = @holder", cancellationToken,
            ("@name", name), ("@holder", holder), ("@ends", (now + lease).ToUnixTimeMilliseconds())) == 1;

    /// <summary>Gives a piece back for others to take.</summary>
    public Task ReleaseAsync(string name, string holder, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "update work set holder = null, lease_ends = null where name = @name and holder = @holder", cancellationToken,
        ("@name", name), ("@holder", holder));

    /// <returns>False: the piece is another's or done already, so the transaction that stores its result must not be.</returns>
    public async Task<bool> TryFinishAsync(string name, string holder, CancellationToken cancellationToken) =>
        await _session.ExecuteAsync(
        "delete from work where name = @name and holder = @holder", cancellationToken, ("@name", name), ("@holder", holder)) == 1;

    /// <summary>
    /// Takes a piece off that nobody has begun. One that was given back may still be running somewhere: its next holder ends it.
    /// </summary>
    public async Task<bool> TryWithdrawAsync(string name, CancellationToken cancellationToken) => await _session.ExecuteAsync(
        "delete from work where name = @name and holder is null and attempts = 0", cancellationToken, ("@name", name)) == 1;

    Task<List<WorkItem>> ListAsync(string condition, string value, CancellationToken cancellationToken) => _session.QueryAsync(
        $"select sequence, name, kind, project, priority, enqueued_at, attempts, holder, lease_ends from work where " +
            $"{condition} order by sequence",
        row => new WorkItem(
            row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            row.GetInt64(6))
        {
            Sequence = row.GetInt64(0),
            Holder = row.IsDBNull(7) ? null : row.GetString(7),
            LeaseEnds = row.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
        },
        cancellationToken, ("@value", value));
}

namespace Capstan.Registry;

/// <summary>A server that answers by the routes.</summary>
/// <param name="Body">What it tells the others, as it wrote it.</param>
public sealed record FrontDoor(string Holder, DateTimeOffset SeenAt, string Body);

/// <summary>The servers that answer by the routes, and what each tells the others.</summary>
public readonly struct FrontDoorTable
{
    readonly RegistrySession _session;

    internal FrontDoorTable(RegistrySession session) => _session = session;

    public Task TellAsync(FrontDoor door, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into front_doors (holder, seen_at, body) values (@holder, @at, @body) " +
            "on conflict (holder) do update set seen_at = @at, body = @body",
        cancellationToken, ("@holder", door.Holder), ("@at", door.SeenAt.ToUnixTimeMilliseconds()), ("@body", door.Body));

    public Task<List<FrontDoor>> ListAsync(CancellationToken cancellationToken) => _session.QueryAsync(
        "select holder, seen_at, body from front_doors order by holder",
        row => new FrontDoor(row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2)),
        cancellationToken);
}

namespace Capstan.Registry;

/// <summary>What is known of a content-addressed copy.</summary>
/// <param name="Hash">Of its list of files and their hashes.</param>
/// <param name="VerifiedAt">When all its files were last read and had their hashes; null: never since they were written.</param>
/// <param name="Damage">What was found wrong with it; null: nothing.</param>
public sealed record ArtifactRecord(string Hash, long Files, long Bytes, DateTimeOffset CreatedAt, DateTimeOffset? VerifiedAt,
    string? Damage);

/// <summary>The copies that versions are served from.</summary>
public readonly struct ArtifactTable
{
    readonly RegistrySession _session;

    internal ArtifactTable(RegistrySession session) => _session = session;

    public Task AddAsync(ArtifactRecord artifact, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into artifacts (hash, files, bytes, created_at) values (@hash, @files, @bytes, @at) on conflict (hash) do " +
            "nothing",
        cancellationToken, ("@hash", artifact.Hash), ("@files", artifact.Files), ("@bytes", artifact.Bytes),
        ("@at", artifact.CreatedAt.ToUnixTimeMilliseconds()));

    public async Task<ArtifactRecord?> FindAsync(string hash, CancellationToken cancellationToken) =>
        (await ListAsync("hash = @value", hash, cancellationToken)).SingleOrDefault();

    /// <summary>The one whose verification is longest ago; null: there is none older than that.</summary>
    public async Task<ArtifactRecord?> LongestUnverifiedAsync(DateTimeOffset verifiedBefore,
        CancellationToken cancellationToken) =>
        (await ListAsync(
            "coalesce(verified_at, created_at) < @value order by coalesce(verified_at, created_at) limit 1",
            verifiedBefore.ToUnixTimeMilliseconds(), cancellationToken)).SingleOrDefault();

    public Task SetVerdictAsync(string hash, DateTimeOffset verifiedAt, string? damage, CancellationToken cancellationToken) =>
        _session.ExecuteAsync(
            "update artifacts set verified_at = @at, damage = @damage where hash = @hash", cancellationToken,
            ("@hash", hash), ("@at", verifiedAt.ToUnixTimeMilliseconds()), ("@damage", damage));

    Task<List<ArtifactRecord>> ListAsync(string condition, object value, CancellationToken cancellationToken) =>
        _session.QueryAsync(
        $"select hash, files, bytes, created_at, verified_at, damage from artifacts where {condition}",
        row => new ArtifactRecord(
            row.GetString(0), row.GetInt64(1), row.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.IsDBNull(5) ? null
                : row.GetString(5)),
        cancellationToken, ("@value", value));
}

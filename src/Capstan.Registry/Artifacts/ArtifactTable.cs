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
    // By lineage, which has an index, and by the version itself: another of its name may have come since.
    const string IsUsed =
        "exists (select 1 from lineage join resources on resources.name = lineage.origin " +
        "where lineage.target = 'artifact:' || artifacts.hash and resources.kind = 'version' and resources.body like '%' || artifacts.hash || '%')";

    readonly RegistrySession _session;

    internal ArtifactTable(RegistrySession session) => _session = session;

    /// <summary>
    /// Says that somebody is about to use a copy, known or new: for a day it is not collected. Whoever makes a copy claims it
    /// before looking whether its files are there.
    /// </summary>
    public Task ClaimAsync(ArtifactRecord artifact, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into artifacts (hash, files, bytes, created_at) values (@hash, @files, @bytes, @at) " +
            "on conflict (hash) do update set unused_since = null",
        cancellationToken, ("@hash", artifact.Hash), ("@files", artifact.Files), ("@bytes", artifact.Bytes),
        ("@at", artifact.CreatedAt.ToUnixTimeMilliseconds()));

    /// <summary>Marks the copies that no version has, and takes the mark off those that one has again.</summary>
    public async Task MarkUnusedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _session.ExecuteAsync(
            $"update artifacts set unused_since = @now where unused_since is null and not {IsUsed}", cancellationToken,
            ("@now", now.ToUnixTimeMilliseconds()));
        await _session.ExecuteAsync(
            $"update artifacts set unused_since = null where unused_since is not null and {IsUsed}", cancellationToken);
    }

    /// <summary>A copy that has been unused since before a time, and is at this moment; nobody can claim it until the transaction
    /// ends.</summary>
    public async Task<ArtifactRecord?> CollectableAsync(DateTimeOffset unusedBefore, CancellationToken cancellationToken) =>
        (await ListAsync(
            $"unused_since < @value and not {IsUsed} order by unused_since limit 1{_session.Database.ForUpdate}",
            unusedBefore.ToUnixTimeMilliseconds(), cancellationToken)).SingleOrDefault();

    public Task DeleteAsync(string hash, CancellationToken cancellationToken) =>
        _session.ExecuteAsync("delete from artifacts where hash = @hash", cancellationToken, ("@hash", hash));

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

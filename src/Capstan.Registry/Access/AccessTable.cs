using System.Text.Json.Nodes;

namespace Capstan.Registry;

/// <summary>A key that an application sends; only its hash is kept.</summary>
/// <param name="Id">Names the key for people; no secret.</param>
/// <param name="Hash">The SHA-256 of the secret, in hexadecimal. The secret is 32 random bytes, so it needs no slow hash.</param>
/// <param name="Member">On whose behalf: <c>serviceAccount:trips-app</c>.</param>
public sealed record ApiKey(
    string Id, string Hash, string Member, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>Who may do what: policies of resources, and keys.</summary>
public readonly struct AccessTable
{
    readonly RegistrySession _session;

    internal AccessTable(RegistrySession session) => _session = session;

    /// <summary>A resource's policy and its revision; revision 0: none was ever set.</summary>
    public async Task<(JsonObject Policy, long Revision)> PolicyAsync(string resource, CancellationToken cancellationToken) =>
        (await _session.QueryAsync(
            "select body, revision from policies where resource = @resource",
            row => (JsonNode.Parse(row.GetString(0))!.AsObject(), row.GetInt64(1)), // written from one
            cancellationToken, ("@resource", resource))).FirstOrDefault((new JsonObject(), 0));

    /// <returns>The new revision; null: somebody else changed the policy since <paramref name="revision"/>.</returns>
    public async Task<long?> TrySetPolicyAsync(string resource, JsonObject policy, long revision,
        CancellationToken cancellationToken)
    {
        var changed = revision == 0
            ? await _session.ExecuteAsync(
                "insert into policies (resource, revision, body) values (@resource, 1, @body) on conflict (resource) do nothing",
                cancellationToken, ("@resource", resource), ("@body", policy.ToJsonString()))
            : await _session.ExecuteAsync(
                "update policies set revision = revision + 1, body = @body where resource = @resource and revision = @revision",
                cancellationToken, ("@resource", resource), ("@body", policy.ToJsonString()), ("@revision", revision));
        return changed == 1 ? revision + 1 : null;
    }

    /// <summary>A policy goes with its resource: one of the same name later starts without.</summary>
    public Task DeletePolicyAsync(string resource, CancellationToken cancellationToken) =>
        _session.ExecuteAsync("delete from policies where resource = @resource", cancellationToken, ("@resource", resource));

    public Task AddKeyAsync(ApiKey key, CancellationToken cancellationToken) => _session.ExecuteAsync(
        "insert into api_keys (id, hash, member, created_at, expires_at) values (@id, @hash, @member, @created, @expires)",
        cancellationToken,
        ("@id", key.Id), ("@hash", key.Hash), ("@member", key.Member), ("@created", key.CreatedAt.ToUnixTimeMilliseconds()),
        ("@expires", key.ExpiresAt?.ToUnixTimeMilliseconds()));

    public async Task<ApiKey?> FindKeyAsync(string hash, CancellationToken cancellationToken) =>
        (await KeysAsync(" where hash = @hash", cancellationToken, ("@hash", hash))).SingleOrDefault();

    public Task<List<ApiKey>> KeysAsync(CancellationToken cancellationToken) => KeysAsync("", cancellationToken);

    /// <returns>False: there is no such key that is not revoked.</returns>
    public async Task<bool> RevokeKeyAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) =>
        await _session.ExecuteAsync(
        "update api_keys set revoked_at = @at where id = @id and revoked_at is null", cancellationToken,
        ("@id", id), ("@at", at.ToUnixTimeMilliseconds())) == 1;

    Task<List<ApiKey>> KeysAsync(string condition, CancellationToken cancellationToken, params (string, object?)[] values) =>
        _session.QueryAsync(
        $"select id, hash, member, created_at, expires_at, revoked_at from api_keys{condition} order by id",
        row => new ApiKey(
            row.GetString(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))),
        cancellationToken, values);
}

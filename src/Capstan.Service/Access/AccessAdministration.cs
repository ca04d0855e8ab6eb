using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Keys and roles by whoever has the database itself: how the first owner comes to be.</summary>
public sealed class AccessAdministration : IAsyncDisposable
{
    readonly RegistryDatabase _database;
    readonly TimeProvider _time;

    AccessAdministration(RegistryDatabase database, TimeProvider time) => (_database, _time) = (database, time);

    /// <param name="database">As a server names it.</param>
    /// <exception cref="RegistryUnavailableException">It can't be used.</exception>
    public static async Task<AccessAdministration> OpenAsync(string database, TimeProvider time,
        CancellationToken cancellationToken) =>
        new(await RegistryDatabase.OpenAsync(database, cancellationToken), time);

    /// <summary>Makes a key for a member.</summary>
    /// <returns>What people call it, and the secret itself, which nothing else ever tells.</returns>
    public async Task<(string Id, string Secret)> CreateKeyAsync(string member, TimeSpan? lifetime,
        CancellationToken cancellationToken)
    {
        var (id, secret, now) =
            (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), ApiKeySecret.Create(), _time.GetUtcNow());
        var key = new ApiKey(id, ApiKeySecret.HashOf(secret), member, now, lifetime is { } time ? now + time : null, null);
        await _database.WriteAsync(session => session.Access.AddKeyAsync(key, cancellationToken), cancellationToken);
        return (id, secret);
    }

    public Task<List<ApiKey>> KeysAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(session => session.Access.KeysAsync(cancellationToken), cancellationToken);

    /// <returns>False: there is no such key that is not revoked.</returns>
    public Task<bool> RevokeKeyAsync(string id, CancellationToken cancellationToken) =>
        _database.WriteAsync(session =>
            session.Access.RevokeKeyAsync(id, _time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Gives a member a role in a project, besides those that they have.</summary>
    public Task GrantAsync(string project, string member, string role, CancellationToken cancellationToken) =>
        ChangeAsync(project, bindings =>
        {
            var binding = bindings.OfType<JsonObject>().FirstOrDefault(each => $"{each["role"]}" == role);
            if (binding is null)
            {
                bindings.Add(binding = new JsonObject { ["role"] = role, ["members"] = new JsonArray() });
            }

            var members = binding["members"]!.AsArray(); // every binding has some
            if (!members.Any(each => $"{each}" == member))
            {
                members.Add(member);
            }
        }, cancellationToken);

    /// <summary>Takes all roles in a project from a member.</summary>
    public Task WithdrawAsync(string project, string member, CancellationToken cancellationToken) =>
        ChangeAsync(project, bindings =>
        {
            foreach (var members in bindings.OfType<JsonObject>().Select(binding => binding["members"]).OfType<JsonArray>())
            {
                foreach (var found in members.Where(each => $"{each}" == member).ToArray())
                {
                    members.Remove(found);
                }
            }
        }, cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    Task ChangeAsync(string project, Action<JsonArray> change, CancellationToken cancellationToken) =>
        _database.WriteAsync(async session =>
    {
        var resource = $"projects/{project}";
        long? next;
        do
        {
            var (policy, revision) = await session.Access.PolicyAsync(resource, cancellationToken);
            if (policy["bindings"] is not JsonArray bindings)
            {
                policy["bindings"] = bindings = [];
            }

            change(bindings);
            next = await session.Access.TrySetPolicyAsync(resource, policy, revision, cancellationToken);
        }
        while (next is null);
    }, cancellationToken);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service;

/// <summary>
/// Who a caller is, and what policies let them do. A policy on a project holds for all in it; one on a model or a job for that
/// and what is below. Nothing is allowed that no policy allows.
/// </summary>
sealed class AccessControl(Engine engine, OidcTokens? tokens)
{
    const string BearerScheme = "Bearer ";

    /// <exception cref="ServiceException">A key or token was sent that is none.</exception>
    public async Task<Caller> CallerOfAsync(HttpContext context)
    {
        if (engine.Options.Access.IsOpen)
        {
            return Caller.Owner;
        }

        var authorization = $"{context.Request.Headers.Authorization}";
        var bearer = authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[BearerScheme.Length..].Trim() : null;
        var secret = Text(context.Request.Query["key"]) ?? Text(context.Request.Headers["X-Goog-Api-Key"]) ?? bearer ??
            Text(context.Request.Query["access_token"]);
        if (secret is null)
        {
            return Caller.Anonymous;
        }

        if (ApiKeySecret.IsOne(secret))
        {
            var hash = ApiKeySecret.HashOf(secret);
            var key = await engine.Database.ReadAsync(session =>
                session.Access.FindKeyAsync(hash, context.RequestAborted), context.RequestAborted);
            return key is { RevokedAt: null } && !(key.ExpiresAt <= engine.Now)
                ? new Caller(key.Member, MayAll: false)
                : throw Refused("the API key is unknown, expired or revoked");
        }

        return tokens is null
            ? throw Refused("this server takes API keys that 'capstan access create-key' makes, and no other tokens")
            : new Caller(await tokens.MemberOfAsync(secret, context.RequestAborted), MayAll: false);
    }

    /// <param name="permission">Null: none is needed beyond being known.</param>
    /// <exception cref="ServiceException">The caller may not.</exception>
    public async Task RequireAsync(Caller caller, string? permission, string resource, CancellationToken cancellationToken)
    {
        if (caller.MayAll)
        {
            return;
        }

        if (caller == Caller.Anonymous)
        {
            throw new ServiceException(
                StatusCode.Unauthenticated,
                "This server wants to know who asks: send an API key (?key=… or X-Goog-Api-Key) or a bearer token.");
        }

        if (permission is not null && !await MayAsync(caller, permission, resource, cancellationToken))
        {
            throw new ServiceException(
                StatusCode.PermissionDenied,
                $"'{caller.Member}' lacks the permission {permission} on '{Quote.Short(resource)}' (or there is no such " +
                    $"thing). An owner of the project can give a role that has it.");
        }
    }

    public async Task<bool> MayAsync(Caller caller, string permission, string resource, CancellationToken cancellationToken)
    {
        if (caller.MayAll)
        {
            return true;
        }

        return await engine.Database.ReadAsync(async session =>
        {
            foreach (var place in PlacesOf(resource))
            {
                var (policy, _) = await session.Access.PolicyAsync(place, cancellationToken);
                if (RolesIn(policy, caller.Member).Any(role => Roles.Grants(role, permission)))
                {
                    return true;
                }
            }

            return false;
        }, cancellationToken);
    }

    /// <summary>Where policies that matter for a resource may stand: itself, what it is in, its project.</summary>
    static IEnumerable<string> PlacesOf(string resource)
    {
        var segments = resource.Split('/');
        if (segments.Length >= 4)
        {
            yield return string.Join('/', segments[..4]);
        }

        yield return string.Join('/', segments.Take(2));
    }

    static IEnumerable<string> RolesIn(JsonObject policy, string member) =>
        from binding in policy["bindings"] as JsonArray ?? []
        where binding?["members"] is JsonArray members && members.Any(each => (string?)each == member)
        select (string?)binding["role"] ?? "";

    static ServiceException Refused(string why) => new(StatusCode.Unauthenticated, $"The request can't be let in: {why}.");

    static string? Text(Microsoft.Extensions.Primitives.StringValues values) =>
        values.Count == 1 && values[0] is { Length: > 0 } text ? text : null;
}

/// <summary>The secrets of API keys: <c>capstan_</c> and 32 random bytes. Only their hashes are stored.</summary>
static class ApiKeySecret
{
    const string Mark = "capstan_";

    public static string Create() => Mark + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static bool IsOne(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}

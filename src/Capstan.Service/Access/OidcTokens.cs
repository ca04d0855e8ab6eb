using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Capstan.Service;

/// <summary>
/// Bearer tokens of one OpenID Connect issuer: signed JWTs (RS256, ES256), checked against the issuer's published keys, which are
/// fetched once an hour and whenever a token names a key that is not among them. Source: OpenID Connect Discovery 1.0, RFC 7515,
/// 7519.
/// </summary>
sealed class OidcTokens(string issuer, string audience, TimeProvider time, HttpClient http) : IDisposable
{
    // Clocks of issuer and server may differ so much.
    static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);
    static readonly TimeSpan KeysLast = TimeSpan.FromHours(1);

    // Tokens with made-up key names must not make this server ask the issuer each time.
    static readonly TimeSpan LeastBetweenFetches = TimeSpan.FromSeconds(10);

    readonly SemaphoreSlim _fetching = new(1, 1);
    (JsonElement Keys, DateTimeOffset At)? _keys;

    /// <summary>
    /// The member that a token speaks for: <c>user:EMAIL</c>, or <c>serviceAccount:SUBJECT</c> where it has no verified address.
    /// </summary>
    /// <exception cref="ServiceException">The token is none of this issuer's for this server, or not valid now.</exception>
    public async Task<string> MemberOfAsync(string token, CancellationToken cancellationToken)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } claims ||
            Bytes(parts[2]) is not { } signature)
        {
            throw Refused("it is no JWT");
        }

        var (algorithm, keyId) = (Text(header, "alg"), Text(header, "kid"));
        var key = await KeyAsync(keyId, cancellationToken) ?? throw Refused("it is signed with a key that its issuer does not " +
            "publish");
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (!IsSigned(algorithm, key, signed, signature))
        {
            throw Refused("its signature is wrong");
        }

        var now = time.GetUtcNow();
        if (Text(claims, "iss") != issuer || !Audiences(claims).Contains(audience))
        {
            throw Refused($"it is not from {issuer} for {audience}");
        }

        if (Instant(claims, "exp") is not { } end || end + ClockSlack < now || Instant(claims, "nbf") - ClockSlack > now)
        {
            throw Refused("it is not valid at this time");
        }

        return Text(claims, "email") is { } email && claims.TryGetProperty("email_verified", out var verified) &&
            verified.ValueKind == JsonValueKind.True
            ? $"user:{email}"
            : $"serviceAccount:{Text(claims, "sub") ?? throw Refused("it names no subject")}";
    }

    public void Dispose()
    {
        http.Dispose();
        _fetching.Dispose();
    }

    static bool IsSigned(string? algorithm, JsonElement key, byte[] signed, byte[] signature)
    {
        try
        {
            return Verify(algorithm, key, signed, signature);
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            // The published key is none, or the signature has an impossible length.
            return false;
        }
    }

    static bool Verify(string? algorithm, JsonElement key, byte[] signed, byte[] signature)
    {
        switch (algorithm, Text(key, "kty"))
        {
            case ("RS256", "RSA"):
                using (var rsa =
                    RSA.Create(new RSAParameters { Modulus = Bytes(Text(key, "n")), Exponent = Bytes(Text(key, "e")) }))
                {
                    return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }

            case ("ES256", "EC") when Text(key, "crv") == "P-256":
                var point = new ECPoint { X = Bytes(Text(key, "x")), Y = Bytes(Text(key, "y")) };
                using (var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point }))
                {
                    return curve.VerifyData(signed, signature, HashAlgorithmName.SHA256);
                }

            default:
                // "none" and symmetric algorithms among them.
                return false;
        }
    }

    async Task<JsonElement?> KeyAsync(string? keyId, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_keys is { } kept && now - kept.At < KeysLast &&
                (Find(kept.Keys, keyId) is not null || now - kept.At < LeastBetweenFetches))
            {
                return Find(kept.Keys, keyId);
            }

            var configuration = await GetAsync($"{issuer.TrimEnd('/')}/.well-known/openid-configuration", cancellationToken);
            var keys = await GetAsync(Text(configuration, "jwks_uri") ?? "", cancellationToken);
            _keys = (keys, now);
            return Find(keys, keyId);
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or InvalidOperationException)
        {
            throw new ServiceException(StatusCode.Unavailable,
                $"The keys of {issuer} can't be fetched now, so tokens can't be checked; try again.");
        }
        finally
        {
            _fetching.Release();
        }
    }

    async Task<JsonElement> GetAsync(string url, CancellationToken cancellationToken) =>
        JsonDocument.Parse(await http.GetByteArrayAsync(url, cancellationToken)).RootElement;

    static JsonElement? Find(JsonElement keys, string? keyId)
    {
        if (keys.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var key in list.EnumerateArray())
            {
                if (keyId is null || Text(key, "kid") == keyId)
                {
                    return key;
                }
            }
        }

        return null;
    }

    static IEnumerable<string?> Audiences(JsonElement claims) => !claims.TryGetProperty("aud", out var audience) ? []
        : audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Select(each => each.ToString())
            : [audience.ToString()];

    static DateTimeOffset? Instant(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.TryGetInt64(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object &&
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static JsonElement? Parse(string part)
    {
        try
        {
            return Bytes(part) is { } bytes ? JsonDocument.Parse(bytes).RootElement : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static byte[]? Bytes(string? text)
    {
        try
        {
            return text is null ? null : Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static ServiceException Refused(string why) => new(StatusCode.Unauthenticated, $"The bearer token can't be taken: {why}.");
}

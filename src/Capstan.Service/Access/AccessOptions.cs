namespace Capstan.Service;

/// <summary>How callers are known.</summary>
public sealed record AccessOptions
{
    /// <summary>
    /// Callers without key or token are owners of everything. Only for a server that nobody else can reach: one that listens
    /// beyond loopback refuses to start with it.
    /// </summary>
    public bool IsOpen { get; init; }

    /// <summary>The issuer whose OIDC tokens are taken, such as <c>https://login.example.com</c>; null: none are.</summary>
    public string? Issuer { get; init; }

    /// <summary>What tokens must be for.</summary>
    public string? Audience { get; init; }
}

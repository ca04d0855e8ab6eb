namespace Capstan.Client;

/// <summary>Where the server is, and as whom it is asked.</summary>
public sealed record CapstanClientOptions
{
    /// <summary>Such as <c>http://127.0.0.1:8080/</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The project that names are in.</summary>
    public required string Project { get; init; }

    /// <summary>An API key or an OIDC token; null for an open server.</summary>
    public string? Key { get; init; }

    /// <summary>How often a call that may be repeated is tried when the server is busy or away.</summary>
    public int MostTries { get; init; } = 4;

    /// <summary>The pause before the second try; each further one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

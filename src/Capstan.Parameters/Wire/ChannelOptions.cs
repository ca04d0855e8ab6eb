using System.Security.Cryptography.X509Certificates;

namespace Capstan.Parameters;

/// <summary>How the members of a cluster talk.</summary>
/// <param name="Token">The secret that all members share; it is never sent.</param>
sealed record ChannelOptions(string Token)
{
    /// <summary>A frame that claims more is refused before anything is allocated. At most 2³⁰.</summary>
    public long MaxFrameBytes { get; init; } = 1 << 30;

    /// <summary>After which a member that does not answer counts as lost.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The cluster's own certificate with its private key: channels are encrypted by TLS then, and a peer that does not show
    /// this very certificate is refused. Null for a network that nobody else is on.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }
}

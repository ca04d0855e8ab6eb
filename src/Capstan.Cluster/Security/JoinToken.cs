using System.Security.Cryptography;
using System.Text;

namespace Capstan.Cluster;

/// <summary>
/// The secret that the nodes of a cluster and its clients share. Whoever does not know it is refused before a word of Orleans is
/// read.
/// </summary>
public sealed class JoinToken
{
    public const int ShortestText = 16;

    // The variable that carries it to nodes which a pool starts: a command line can be read by every user of a machine.
    public const string Variable = "CAPSTAN_TOKEN";

    readonly byte[] _key;

    /// <param name="text">At least <see cref="ShortestText"/> characters.</param>
    /// <exception cref="ArgumentException">The text is too short to be a secret.</exception>
    public JoinToken(string text)
    {
        if (text.Trim() is not { Length: >= ShortestText } secret)
        {
            throw new ArgumentException(
                $"The join token has {text.Trim().Length} characters, expected at least {ShortestText}. Make one: openssl rand -hex 16.", nameof(text));
        }

        Text = secret;
        _key = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
    }

    public string Text { get; }

    /// <summary>A new one that nobody can guess.</summary>
    public static JoinToken Create() => new(RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>What only holders of the token can tell about these bytes: HMAC-SHA256, 32 bytes.</summary>
    internal byte[] Proof(params ReadOnlySpan<byte[]> parts)
    {
        using var proof = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
        {
            proof.AppendData(part);
        }

        return proof.GetHashAndReset();
    }

    /// <summary>Not the secret: it must not come into a log.</summary>
    public override string ToString() => "join token";
}

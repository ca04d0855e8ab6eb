using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Capstan.Cluster;

/// <summary>What a connection is for; the numbers are the protocol's and never reused.</summary>
enum ConnectionPurpose : byte
{
    Silo = 1,
    Client = 2,
    Join = 3,
    Member = 4,
}

/// <summary>The peer does not hold the cluster's token, or speaks another protocol.</summary>
public sealed class PeerRefusedException(string peer, string problem) : Exception(
    $"{peer} {problem}. Is it a node of this cluster, and is the token (--token or {JoinToken.Variable}) the one that it was started with?");

/// <summary>
/// Both ends of a new connection prove that they hold the cluster's token, without sending it: each answers the other's random
/// challenge with an HMAC over both challenges and the purpose.
/// </summary>
/// <remarks>
/// caller: magic, purpose, challenge [32] → callee: challenge [32], proof [32] → caller: proof [32]. It proves who opened the
/// connection; on a network that others can write to, only TLS keeps it that way.
/// </remarks>
static class TokenHandshake
{
    const int Length = 32;
    static readonly byte[] Magic = "CAPSTAN1"u8.ToArray();
    static readonly byte[] Caller = "caller"u8.ToArray();
    static readonly byte[] Callee = "callee"u8.ToArray();

    /// <returns>A key for what both ends say next, which no other connection has; null where the callee did not prove
    /// itself.</returns>
    public static async Task<byte[]?> CallAsync(
        IDuplexPipe pipe, JoinToken token, ConnectionPurpose purpose, CancellationToken cancellationToken)
    {
        var (kind, mine) = (new[] { (byte)purpose }, RandomNumberGenerator.GetBytes(Length));
        await pipe.Output.WriteAsync((byte[])[.. Magic, .. kind, .. mine], cancellationToken);
        if (await ReadAsync(pipe.Input, 2 * Length, cancellationToken) is not { } answer)
        {
            return null;
        }

        var (theirs, proof) = (answer[..Length], answer[Length..]);
        if (!CryptographicOperations.FixedTimeEquals(proof, token.Proof(Callee, kind, mine, theirs)))
        {
            return null;
        }

        await pipe.Output.WriteAsync(token.Proof(Caller, kind, mine, theirs), cancellationToken);
        return token.Proof("key"u8.ToArray(), kind, mine, theirs);
    }

    /// <returns>What the caller wants and the key; null where it did not prove itself.</returns>
    public static async Task<(ConnectionPurpose Purpose, byte[] Key)?> AcceptAsync(
        IDuplexPipe pipe, JoinToken token, CancellationToken cancellationToken)
    {
        // The magic is looked at before more is waited for: a browser or a port scanner is told off by its first bytes.
        if (await ReadAsync(pipe.Input, Magic.Length, cancellationToken) is not { } magic || !magic.AsSpan().SequenceEqual(Magic) ||
            await ReadAsync(pipe.Input, 1 + Length, cancellationToken) is not { } hello)
        {
            return null;
        }

        var (kind, theirs, mine) = (hello[..1], hello[1..], RandomNumberGenerator.GetBytes(Length));
        await pipe.Output.WriteAsync((byte[])[.. mine, .. token.Proof(Callee, kind, theirs, mine)], cancellationToken);
        return await ReadAsync(pipe.Input, Length, cancellationToken) is { } proof &&
            CryptographicOperations.FixedTimeEquals(proof, token.Proof(Caller, kind, theirs, mine))
                ? ((ConnectionPurpose)kind[0], token.Proof("key"u8.ToArray(), kind, theirs, mine))
                : null;
    }

    // Exactly so many bytes: those after them belong to whoever reads next. Null where the connection ended before.
    internal static async Task<byte[]?> ReadAsync(PipeReader input, int length, CancellationToken cancellationToken)
    {
        var read = await input.ReadAtLeastAsync(length, cancellationToken);
        if (read.Buffer.Length < length)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            return null;
        }

        var bytes = read.Buffer.Slice(0, length).ToArray();
        input.AdvanceTo(read.Buffer.GetPosition(length));
        return bytes;
    }
}

using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;

namespace Capstan.Cluster;

/// <summary>What whoever holds the token learns from any node of a cluster: its name, and where its records are.</summary>
/// <param name="Database">As <see cref="ClusterDatabase.Parse"/> takes it; travels encrypted under the token.</param>
public sealed record Invitation(string Cluster, string Database)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Asks a node.</summary>
    /// <param name="place"><c>HOST:PORT</c> of any node.</param>
    /// <exception cref="PeerRefusedException">Nobody is there, or somebody without the token.</exception>
    public static async Task<Invitation> AskAsync(
        string place, JoinToken token, NodeCertificate? certificate, CancellationToken cancellationToken)
    {
        var (host, port) = Place(place);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, patience.Token);
            await using var stream = await SecureAsync(socket.GetStream(), host, certificate, patience.Token);
            var pipe = new StreamPipe(stream);
            var key = await TokenHandshake.CallAsync(pipe, token, ConnectionPurpose.Join, patience.Token)
                ?? throw new PeerRefusedException(place, "did not prove that it holds the token");
            return await ReadAsync(pipe.Input, key, patience.Token) ?? throw new PeerRefusedException(place, "did not take our token");
        }
        catch (Exception fault) when (fault is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            throw new PeerRefusedException(place, $"can't be talked to ({fault.Message})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PeerRefusedException(place, $"did not answer within {Patience.TotalSeconds:0} s");
        }
    }

    static async Task<Stream> SecureAsync(Stream stream, string host, NodeCertificate? certificate, CancellationToken cancellationToken)
    {
        if (certificate is null)
        {
            return stream;
        }

        var secure = new SslStream(stream, false, (_, peer, _, _) => certificate.Trusts(peer));
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = host, ClientCertificates = [certificate.Own] }, cancellationToken);
        return secure;
    }

    static async Task<Invitation?> ReadAsync(PipeReader input, byte[] key, CancellationToken cancellationToken) =>
        await TokenHandshake.ReadAsync(input, Sealed.LengthBytes, cancellationToken) is { } length &&
        BinaryPrimitives.ReadInt32LittleEndian(length) is > 0 and <= Sealed.LongestMessage and var size &&
        await TokenHandshake.ReadAsync(input, size, cancellationToken) is { } body && Sealed.Open(body, key) is { } message
            ? JsonSerializer.Deserialize<Invitation>(message)
            : null;

    static (string Host, int Port) Place(string place)
    {
        var colon = place.LastIndexOf(':');
        return colon > 0 && int.TryParse(place[(colon + 1)..], out var port) && port is > 0 and <= IPEndPoint.MaxPort
            ? (place[..colon].Trim('[', ']'), port)
            : throw new ArgumentException($"The node to join was given as '{place}', expected HOST:PORT, as 'capstan node' prints it.", nameof(place));
    }

    sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}

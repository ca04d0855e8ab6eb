using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Capstan.Cluster;

/// <summary>
/// Messages between two processes that have proven to hold the token: encrypted, in order, none twice. For control, not for bulk.
/// </summary>
sealed class SealedChannel : IDuplexPipe, IAsyncDisposable
{
    const int CountBytes = 8;

    readonly Socket _socket;
    readonly NetworkStream _stream;
    readonly SemaphoreSlim _turn = new(1);
    byte[] _key = [];
    long _sent;
    long _received;

    SealedChannel(Socket socket)
    {
        socket.NoDelay = true;
        (_socket, _stream) = (socket, new NetworkStream(socket));
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>The address by which this machine is reached from the peer's.</summary>
    public System.Net.IPEndPoint Here => (System.Net.IPEndPoint)_socket.LocalEndPoint!; // connected

    /// <returns>Null: the peer does not hold the token.</returns>
    public static Task<SealedChannel?> CallAsync(Socket socket, JoinToken token, CancellationToken cancellationToken) => OpenAsync(
        socket, async channel => await TokenHandshake.CallAsync(channel, token, ConnectionPurpose.Member, cancellationToken));

    /// <returns>Null: the peer does not hold the token, or wants something else.</returns>
    public static Task<SealedChannel?> AcceptAsync(Socket socket, JoinToken token, CancellationToken cancellationToken) => OpenAsync(
        socket, async channel => await TokenHandshake.AcceptAsync(channel, token, cancellationToken) is (ConnectionPurpose.Member, var key) ? key : null);

    static async Task<SealedChannel?> OpenAsync(Socket socket, Func<SealedChannel, Task<byte[]?>> shake)
    {
        var channel = new SealedChannel(socket);
        try
        {
            if (await shake(channel) is { } key)
            {
                channel._key = key;
                return channel;
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // As good as refused.
        }

        await channel.DisposeAsync();
        return null;
    }

    /// <exception cref="IOException">The peer is gone.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // The count is what keeps a message from being sent again by somebody who listens.
            var counted = new byte[CountBytes + message.Length];
            BinaryPrimitives.WriteInt64LittleEndian(counted, _sent++);
            message.CopyTo(counted.AsMemory(CountBytes));
            await _stream.WriteAsync(Sealed.Close(counted, _key), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <returns>Null where the peer is gone, or sends what it should not.</returns>
    public async Task<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await TokenHandshake.ReadAsync(Input, Sealed.LengthBytes, cancellationToken) is not { } length ||
                BinaryPrimitives.ReadInt32LittleEndian(length) is not (> 0 and <= Sealed.LongestMessage and var size) ||
                await TokenHandshake.ReadAsync(Input, size, cancellationToken) is not { } body ||
                Sealed.Open(body, _key) is not { Length: >= CountBytes } message ||
                BinaryPrimitives.ReadInt64LittleEndian(message) != _received++)
            {
                return null;
            }

            return message.AsMemory(CountBytes);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }
}

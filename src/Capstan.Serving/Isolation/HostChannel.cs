using System.Buffers.Binary;
using System.Net.Sockets;

namespace Capstan.Serving;

/// <summary>What a frame between a process and its model's host holds.</summary>
enum HostFrame : byte
{
    /// <summary>To the host: a model without its content, which the next frame is.</summary>
    Model = 1,

    /// <summary>To the host: the bytes of the model.</summary>
    Content = 2,

    /// <summary>To the host: features of rows.</summary>
    Features = 3,

    /// <summary>From the host: what was asked for.</summary>
    Answer = 4,

    /// <summary>From the host: why there is none, as text.</summary>
    Refusal = 5,
}

/// <summary>
/// One line between a process and its model's host, for a question at a time: frames of a kind, a length in four bytes, and as many bytes.
/// Blocking, because who predicts computes otherwise. Not thread-safe.
/// </summary>
sealed class HostChannel(Socket socket) : IDisposable
{
    const int HeadBytes = 5;

    byte[] _received = [];

    /// <exception cref="SocketException">The other side is gone, or takes nothing.</exception>
    public void Send(HostFrame kind, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], body.Length);
        SendAll(head);
        SendAll(body);
    }

    /// <param name="limit">How long to wait for it; null: for ever.</param>
    /// <param name="most">The longest body, in bytes: who runs a foreign model may be no longer itself, and claim any length.</param>
    /// <param name="body">Valid until the next frame.</param>
    /// <returns>Null where the other side has hung up, or claims more.</returns>
    /// <exception cref="SocketException">The other side is gone, or nothing came in time (<see cref="SocketError.TimedOut"/>).</exception>
    public HostFrame? Receive(TimeSpan? limit, int most, out ReadOnlyMemory<byte> body)
    {
        socket.ReceiveTimeout = limit is { } time ? (int)time.TotalMilliseconds : 0;
        body = default;
        Span<byte> head = stackalloc byte[HeadBytes];
        if (!ReceiveAll(head))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(head[1..]);
        if (length < 0 || length > most)
        {
            return null;
        }

        if (_received.Length < length)
        {
            _received = new byte[length];
        }

        body = _received.AsMemory(0, length);
        return ReceiveAll(_received.AsSpan(0, length)) ? (HostFrame)head[0] : null;
    }

    /// <summary>The last frame's body, which the next frame then does not overwrite.</summary>
    public byte[] TakeReceived()
    {
        var taken = _received;
        _received = [];
        return taken;
    }

    public void Dispose() => socket.Dispose();

    void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    bool ReceiveAll(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = socket.Receive(bytes);
            if (count == 0)
            {
                return false;
            }

            bytes = bytes[count..];
        }

        return true;
    }
}

using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Parameters;

/// <summary>
/// A connection between two members: frames one after another over a blocking socket, because for large blocks that is fastest
/// (decision 0241). Allocates nothing once its buffers have seen their largest frames. Not thread-safe.
/// </summary>
sealed class Channel : IDisposable
{
    /// <summary>
    /// Up to here a piece is copied to the others and sent with them: a copy of so much costs less than a system call, and than waking the reader
    /// twice. Larger ones are sent from where they are.
    /// </summary>
    public const int CopiedBytes = 1 << 16;

    readonly Socket _socket;
    readonly Stream _stream;
    readonly long _maxFrameBytes;
    // What came with a small read: the head and content of small frames take one system call together.
    readonly byte[] _ahead = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    int _aheadStart;
    int _aheadEnd;
    long _unread;

    Channel(Socket socket, Stream stream, ServerAddress address, long maxFrameBytes) =>
        (_socket, _stream, Address, _maxFrameBytes) = (socket, stream, address, maxFrameBytes);

    /// <summary>The other end.</summary>
    public ServerAddress Address { get; }

    /// <summary>Content of the next frame to send.</summary>
    public FrameBuffer Out { get; } = new();

    /// <summary>Content of the frame that <see cref="Receive"/> returned last.</summary>
    public FrameBuffer In { get; } = new();

    /// <summary>How long an answer may take.</summary>
    public void AwaitAnswersFor(TimeSpan time) => _socket.ReceiveTimeout = (int)time.TotalMilliseconds;

    /// <summary>Waits as long as it takes, also for the other end to take what is sent: only its death ends the waiting, or disposing.</summary>
    public void AwaitForEver() => _socket.ReceiveTimeout = _socket.SendTimeout = 0;

    public long BytesSent { get; private set; }

    public long BytesReceived { get; private set; }

    /// <exception cref="ChannelException">Nobody answers there in time, or one without the token or certificate.</exception>
    public static Channel Connect(ServerAddress address, ChannelOptions options)
    {
        Socket? socket = null;
        try
        {
            socket = SocketConnection.Open(address, options.ReplyTimeout);
            Prepare(socket, options.ReplyTimeout);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Certificate is { } certificate)
            {
                var secure = new SslStream(stream, false, (_, found, _, _) => IsSame(found, certificate));
                secure.AuthenticateAsClient(new SslClientAuthenticationOptions
                {
                    TargetHost = address.Host,
                    ClientCertificates = [certificate],
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                });
                stream = secure;
            }

            return Handshake.Offer(stream, options.Token)
                ? new Channel(socket, stream, address, options.MaxFrameBytes)
                : throw new ChannelException(address, "it does not know the cluster's token", null);
        }
        catch (Exception cause) when (cause is IOException or SocketException or AuthenticationException)
        {
            socket?.Dispose();
            throw new ChannelException(address, cause.Message, cause);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <returns>Null if the other end does not know the token or certificate.</returns>
    public static Channel? Accept(Socket socket, ChannelOptions options)
    {
        Prepare(socket, options.ReplyTimeout);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (options.Certificate is { } certificate)
        {
            var secure = new SslStream(stream, false, (_, found, _, _) => IsSame(found, certificate));
            secure.AuthenticateAsServer(certificate, clientCertificateRequired: true, SslProtocols.None, checkCertificateRevocation: false);
            stream = secure;
        }

        if (!Handshake.Accept(stream, options.Token))
        {
            stream.Dispose();
            return null;
        }

        // A worker computes for as long as it likes before it says something.
        socket.ReceiveTimeout = 0;
        return new Channel(socket, stream, default, options.MaxFrameBytes);
    }

    /// <summary>Sends <see cref="Out"/> as a frame, with more content behind it that need not be copied.</summary>
    public void Send(Operation operation, FrameStatus status, int shard, int epoch, long number, ReadOnlySpan<byte> more = default)
    {
        if (more.Length <= CopiedBytes)
        {
            Out.Write(more);
            more = default;
        }

        SendMore(Out.Framed(new FrameHeader(operation, status, shard, epoch, number, Out.Length + (long)more.Length)));
        if (more.Length > 0)
        {
            SendMore(more);
        }

        Out.Clear();
    }

    /// <summary>Sends bytes as they are: content that another frame announced, after it.</summary>
    public void SendMore(ReadOnlySpan<byte> content)
    {
        try
        {
            _stream.Write(content);
        }
        catch (Exception cause) when (cause is IOException or ObjectDisposedException)
        {
            throw new ChannelException(Address, cause.Message, cause);
        }

        BytesSent += content.Length;
    }

    /// <summary>Sends a head that announces <see cref="Out"/> and so much more, then <see cref="Out"/>.</summary>
    public void SendBegin(Operation operation, FrameStatus status, int shard, int epoch, long number, long moreBytes)
    {
        SendMore(Out.Framed(new FrameHeader(operation, status, shard, epoch, number, Out.Length + moreBytes)));
        Out.Clear();
    }

    /// <summary>The next frame, with its content in <see cref="In"/>.</summary>
    /// <exception cref="ChannelException">The other end is gone, or does not answer in time.</exception>
    /// <exception cref="FrameException">What comes is no frame, or too long.</exception>
    public FrameHeader Receive()
    {
        var header = ReceiveHeader();
        In.Clear();
        ReadExactly(In.Append((int)header.Length));
        _unread = 0;
        return header;
    }

    /// <summary>The next frame without its content, which <see cref="ReadExactly"/> gives piece by piece.</summary>
    public FrameHeader ReceiveHeader()
    {
        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        _unread = FrameHeader.Bytes;
        ReadExactly(head);
        var header = MemoryMarshal.Read<FrameHeader>(head);
        if (header.Magic != FrameHeader.Mark)
        {
            throw new FrameException($"it begins with {header.Magic:x8}");
        }

        if (header.Length < 0 || header.Length > _maxFrameBytes)
        {
            throw new FrameException($"it claims {header.Length:N0} bytes, where {_maxFrameBytes:N0} are the most");
        }

        _unread = header.Length;
        return header;
    }

    public void ReadExactly(Span<byte> bytes)
    {
        if (bytes.Length > _unread)
        {
            throw new FrameException($"{bytes.Length:N0} bytes were expected, and {_unread:N0} are left");
        }

        _unread -= bytes.Length;
        BytesReceived += bytes.Length;
        try
        {
            Read(bytes);
        }
        catch (Exception cause) when (cause is IOException or ObjectDisposedException)
        {
            throw new ChannelException(Address, cause.Message, cause);
        }
    }

    void Read(Span<byte> bytes)
    {
        while (true)
        {
            var known = Math.Min(bytes.Length, _aheadEnd - _aheadStart);
            _ahead.AsSpan(_aheadStart, known).CopyTo(bytes);
            _aheadStart += known;
            bytes = bytes[known..];
            if (bytes.Length >= _ahead.Length / 2)
            {
                _stream.ReadExactly(bytes);
                return;
            }

            if (bytes.Length == 0)
            {
                return;
            }

            (_aheadStart, _aheadEnd) = (0, _stream.Read(_ahead));
            if (_aheadEnd == 0)
            {
                throw new EndOfStreamException("the connection was closed");
            }
        }
    }

    public void Dispose() => _stream.Dispose();

    static void Prepare(Socket socket, TimeSpan timeout)
    {
        socket.NoDelay = true;
        socket.SendTimeout = socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    static bool IsSame(X509Certificate? found, X509Certificate2 own) => found is not null && found.GetRawCertData().AsSpan().SequenceEqual(own.RawDataMemory.Span);
}

/// <summary>A member can't be reached, or no longer answers.</summary>
sealed class ChannelException(ServerAddress address, string problem, Exception? cause) : Exception(
    $"The member at {address} can't be talked to: {problem.TrimEnd('.')}.", cause)
{
    public ServerAddress Address { get; } = address;
}

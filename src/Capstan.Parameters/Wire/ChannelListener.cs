using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Capstan.Parameters;

/// <summary>Listens for channels and serves each on a thread of its own, which is what blocking sockets want.</summary>
sealed class ChannelListener : IDisposable
{
    readonly Socket _listener;
    readonly ChannelOptions _options;
    readonly Action<Channel> _serve;
    readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    long _refused;
    volatile bool _isOver;

    ChannelListener(Socket listener, string host, ChannelOptions options, Action<Channel> serve)
    {
        (_listener, _options, _serve) = (listener, options, serve);
        Address = new ServerAddress(host, ((IPEndPoint)listener.LocalEndPoint!).Port); // it is bound
    }

    /// <summary>Where others reach it.</summary>
    public ServerAddress Address { get; }

    /// <summary>Connections dropped because what came was not ours, damaged, or without the token.</summary>
    public long RefusedConnections => Interlocked.Read(ref _refused);

    /// <param name="host">The name under which others reach it; null for the address itself.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="serve">Answers one channel until it ends; by throwing, too.</param>
    /// <exception cref="SocketException">The port is not free.</exception>
    public static ChannelListener Start(ChannelOptions options, IPAddress address, int port, string? host, Action<Channel> serve)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(512);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var listener = new ChannelListener(socket, host ?? address.ToString(), options, serve);
        new Thread(listener.AcceptAll) { IsBackground = true, Name = $"Capstan listener {listener.Address.Port}" }.Start();
        return listener;
    }

    /// <summary>Drops all connections.</summary>
    public void Dispose()
    {
        _isOver = true;
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }
    }

    void Refuse()
    {
        Interlocked.Increment(ref _refused);
        ParameterMetrics.Refused.Add(1);
    }

    void AcceptAll()
    {
        while (!_isOver)
        {
            try
            {
                var socket = _listener.Accept();
                new Thread(() => Serve(socket)) { IsBackground = true, Name = "Capstan channel" }.Start();
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                // Closed, or out of file handles for a moment: one connection less either way.
            }
        }
    }

    void Serve(Socket socket)
    {
        _sockets[socket] = true;
        try
        {
            using var channel = Channel.Accept(socket, _options);
            if (channel is null)
            {
                Refuse();
                return;
            }

            _serve(channel);
        }
        catch (ChannelException)
        {
            // The other end is gone, as every one is some day.
        }
        catch (Exception cause) when (cause is FrameException or IOException or AuthenticationException)
        {
            Refuse();
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed while the handshake was under way.
        }
        finally
        {
            _sockets.TryRemove(socket, out _);
            socket.Dispose();
        }
    }
}

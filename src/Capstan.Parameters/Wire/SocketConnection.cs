using System.Net;
using System.Net.Sockets;

namespace Capstan.Parameters;

/// <summary>Opens sockets within a time; a host that is off would hold a blocking connect for minutes.</summary>
static class SocketConnection
{
    /// <exception cref="SocketException">Nobody listens there, or nothing answers in time.</exception>
    public static Socket Open(ServerAddress address, TimeSpan timeout)
    {
        EndPoint end = IPAddress.TryParse(address.Host, out var ip)
            ? new IPEndPoint(ip, address.Port)
            : new DnsEndPoint(address.Host, address.Port);
        using var done = new ManualResetEventSlim();
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = end };
        attempt.Completed += (_, _) => done.Set();
        if (Socket.ConnectAsync(SocketType.Stream, ProtocolType.Tcp, attempt) && !done.Wait(timeout))
        {
            Socket.CancelConnectAsync(attempt);
            done.Wait();
        }

        if (attempt.SocketError != SocketError.Success || attempt.ConnectSocket is null)
        {
            attempt.ConnectSocket?.Dispose();
            throw new SocketException((int)(attempt.SocketError == SocketError.OperationAborted ? SocketError.TimedOut : attempt.SocketError));
        }

        return attempt.ConnectSocket;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Capstan.Parameters;

/// <summary>Opens sockets within a time; a host that is off would hold a blocking connect for minutes.</summary>
/// <remarks>
/// By a blocking connect on a thread of its own: a socket that was once used asynchronously is non-blocking underneath for ever, and every
/// later read spins and goes by the runtime's own poll thread. That cost a third of the speed of small requests.
/// </remarks>
static class SocketConnection
{
    /// <exception cref="SocketException">Nobody listens there, or nothing answers in time.</exception>
    public static Socket Open(ServerAddress address, TimeSpan timeout)
    {
        var socket = IPAddress.TryParse(address.Host, out var ip)
            ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        ExceptionDispatchInfo? failure = null;
        var connecting = new Thread(() =>
        {
            try
            {
                socket.Connect(address.Host, address.Port);
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                failure = ExceptionDispatchInfo.Capture(cause);
            }
        }) { IsBackground = true, Name = "Capstan connect" };
        connecting.Start();
        if (!connecting.Join(timeout))
        {
            // Ends the connect, too.
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }

        if (failure is not null)
        {
            socket.Dispose();
            failure.Throw();
        }

        return socket;
    }
}

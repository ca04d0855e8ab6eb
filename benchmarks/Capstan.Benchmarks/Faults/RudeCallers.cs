using System.Net.Sockets;
using System.Text;

namespace Capstan.Benchmarks;

/// <summary>
/// Connections as no client should have them: opened and left alone, half a request and then the end of it, a request a byte at a time,
/// answers that nobody reads. Disposing drops all at once.
/// </summary>
sealed class RudeCallers : IDisposable
{
    readonly List<Socket> _sockets = [];

    public int Count => _sockets.Count;

    /// <param name="idle">How many are left alone; of each other kind there are fifty.</param>
    public static async Task<RudeCallers> OpenAsync(Uri address, byte[] body, int idle)
    {
        const int OfEachKind = 50;
        var rude = new RudeCallers();
        var head = $"POST {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        byte[] request = [.. Encoding.ASCII.GetBytes(head), .. body];
        for (var index = 0; index < idle; index++)
        {
            await rude.ConnectAsync(address);
        }

        for (var index = 0; index < OfEachKind; index++)
        {
            var half = await rude.ConnectAsync(address);
            await half.SendAsync(request.AsMemory(0, request.Length - body.Length / 2));
            half.Shutdown(SocketShutdown.Send);
            var slow = await rude.ConnectAsync(address);
            await slow.SendAsync(request.AsMemory(0, head.Length + 1));
            var deaf = await rude.ConnectAsync(address);
            deaf.ReceiveBufferSize = 4096;
            deaf.Blocking = false;
            Flood(deaf, request);
        }

        return rude;
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    async Task<Socket> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        await socket.ConnectAsync(address.Host, address.Port);
        return socket;
    }

    /// <summary>Asks as often as the connection takes it, and reads nothing.</summary>
    static void Flood(Socket socket, byte[] request)
    {
        for (var index = 0; index < 10_000; index++)
        {
            try
            {
                if (socket.Send(request) < request.Length)
                {
                    return;
                }
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                return;
            }
        }
    }
}

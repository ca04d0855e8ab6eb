using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Serving;

/// <summary>
/// Holds a replica to whoever started it on another machine, by one connection: it says where the replica listens, tells how much
/// processor time it and the processes of its imported models have used, and when it ends, so does the replica. (On one machine the standard input does the same.)
/// </summary>
/// <remarks>
/// Lines of UTF-8. The replica begins with <c>capstan-replica ID TOKEN PORT</c>, and then writes its processor time in milliseconds once a
/// second; every line is answered by an empty one. Who hears nothing for <see cref="Silence"/> takes the other for lost: a machine
/// that has vanished closes no connection.
/// </remarks>
public static class ReplicaAttachment
{
    /// <summary>The first word of what a replica says.</summary>
    public const string Greeting = "capstan-replica";

    static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>How long either side may say nothing.</summary>
    public static TimeSpan Silence { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Returns when the connection has ended, or can't be made.</summary>
    /// <param name="to">ADDRESS:PORT/ID, as the starter said.</param>
    /// <param name="url">Where the replica listens; the starter reaches its port at the address that this connection comes from.</param>
    /// <exception cref="FormatException"><paramref name="to"/> is none.</exception>
    public static async Task HoldAsync(string to, Uri url, string token, TimeProvider time, CancellationToken cancellationToken)
    {
        var (starter, id) = Parse(to);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(starter, cancellationToken);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{Greeting} {id} {token} {url.Port}\n"), cancellationToken);
            while (await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Silence, time, cancellationToken) is not null)
            {
                await Task.Delay(Beat, time, cancellationToken);
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"{ProcessorMilliseconds()}\n"), cancellationToken);
            }
        }
        catch (Exception end) when (end is IOException or SocketException or TimeoutException ||
            (end is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // However it ends: nobody needs this replica any more.
        }
    }

    static string ProcessorMilliseconds()
    {
        using var own = Process.GetCurrentProcess();
        return ((long)(ProcessTree.ProcessorTimeOf(own) ?? own.TotalProcessorTime).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }

    static (IPEndPoint Starter, string Id) Parse(string to) =>
        to.Split('/') is [var address, { Length: > 0 } id] && IPEndPoint.TryParse(address, out var starter)
            ? (starter, id)
            : throw new FormatException($"'{to}' is not where a replica can be attached; expected ADDRESS:PORT/ID.");
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>
/// Where replicas that a pool has started connect to. One that nobody expects, or that does not know its token, is hung up on.
/// Thread-safe.
/// </summary>
sealed class ReplicaArrivals : IAsyncDisposable
{
    static readonly TimeSpan Introduction = TimeSpan.FromSeconds(10);
    const int LongestGreeting = 512;

    readonly TcpListener _listener;
    readonly TimeProvider _time;
    readonly ConcurrentDictionary<string, (string Token, TaskCompletionSource<ReplicaConnection> Arrival)> _expected = new();
    readonly CancellationTokenSource _stopping = new();
    readonly Task _accepting;

    public ReplicaArrivals(IPAddress address, TimeProvider time)
    {
        _time = time;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <returns>Gets the connection of the replica that says this id and this token.</returns>
    public TaskCompletionSource<ReplicaConnection> Expect(string id, string token)
    {
        var arrival = new TaskCompletionSource<ReplicaConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        _expected[id] = (token, arrival);
        return arrival;
    }

    /// <summary>Expects it no more; if it has come in this moment, it is hung up on.</summary>
    public async Task ForgetAsync(string id, TaskCompletionSource<ReplicaConnection> arrival)
    {
        _expected.TryRemove(id, out _);
        if (!arrival.TrySetCanceled())
        {
            await (await arrival.Task).DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    async Task AcceptAsync()
    {
        var greetings = new List<Task>();
        try
        {
            while (true)
            {
                greetings.RemoveAll(greeting => greeting.IsCompleted);
                greetings.Add(GreetAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is how accepting ends.
        }

        await Task.WhenAll(greetings);
    }

    async Task GreetAsync(Socket socket)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Introduction);
        try
        {
            var words = (await GreetingAsync(socket, patience.Token)).Split(' ');
            if (words is [ReplicaAttachment.Greeting, var id, var token, var port] && ushort.TryParse(port, out var number) &&
                _expected.TryGetValue(id, out var expected) &&
                CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(expected.Token)))
            {
                socket.NoDelay = true;
                var from = ((IPEndPoint)socket.RemoteEndPoint!).Address; // It is connected.
                var reader = new StreamReader(new NetworkStream(socket, ownsSocket: false), Encoding.UTF8);
                var connection = new ReplicaConnection(socket, reader, new UriBuilder(Uri.UriSchemeHttp, from.ToString(), number).Uri, _time);
                if (!expected.Arrival.TrySetResult(connection))
                {
                    await connection.DisposeAsync();
                }

                _expected.TryRemove(id, out _);

                return;
            }
        }
        catch (Exception stranger) when (stranger is OperationCanceledException or SocketException or IOException)
        {
            // Whoever it was, it is no replica.
        }

        socket.Dispose();
    }

    /// <summary>The first line, letter by letter: what follows it belongs to the connection's own reader.</summary>
    static async Task<string> GreetingAsync(Socket socket, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var letter = new byte[1];
        while (line.Length < LongestGreeting && await socket.ReceiveAsync(letter, SocketFlags.None, cancellationToken) == 1 && letter[0] != '\n')
        {
            line.Append((char)letter[0]);
        }

        return line.ToString();
    }
}

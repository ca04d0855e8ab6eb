using System.Net;
using System.Net.Sockets;
using System.Text;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Hosting;

/// <summary>
/// Connections that do not behave: many that say nothing, some that write or read slowly, some that close one half. CAPSTAN_CONNECTIONS=100000
/// in the environment opens so many (the limit of open files must allow twice that).
/// </summary>
[Collection(ProcessMemory.Name)]
public sealed class ConnectionTests
{
    const string Good = """{"instances":[{"distance":2.5,"passengers":1,"vendor":"Acme","night":true,"pickup":"2001-03-31T23:59:00"}]}""";
    const string Answer = """{"predictions":[10.73]}""";

    // What a connection that says nothing may take; Kestrel's pipes, its context and ours.
    const long BytesOfConnection = 16 << 10;

    // Ports of one address run out before so many connections do.
    const int ConnectionsOfAddress = 20_000;

    static string Request(string body) => $"POST /v1/models/trips:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    static Task<PredictionServer> StartAsync(int maxConnections = 10_000) => PredictionServer.StartAsync(
        [new TripModel()], new PredictionServerOptions { MaxConnections = maxConnections }, CancellationToken.None);

    static async Task<Socket> ConnectAsync(Uri url, int number = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + number / ConnectionsOfAddress)]), 0));
        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        return socket;
    }

    static Task SendAsync(Socket socket, string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>All that comes until the answer's body is there, or the connection ends.</summary>
    static async Task<string> ReceiveAsync(Socket socket)
    {
        var (received, buffer) = (new StringBuilder(), new byte[4096]);
        while (!received.ToString().EndsWith('}') && await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            received.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return received.ToString();
    }

    [Fact]
    public async Task Idle_connections_take_little_memory_and_no_place_of_others()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_CONNECTIONS"), out var asked) ? asked : 1_500;
        await using var server = await StartAsync(count + 10);
        var idle = new List<Socket>();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var number = 0; number < count; number++)
            {
                idle.Add(await ConnectAsync(server.Url, number));
            }

            // Accepted ones have been answered for: the last to come is.
            using var last = await ConnectAsync(server.Url);
            await SendAsync(last, Request(Good));
            Assert.EndsWith(Answer, await ReceiveAsync(last));
            Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / count, 0, BytesOfConnection);
            await SendAsync(idle[0], Request(Good));
            Assert.EndsWith(Answer, await ReceiveAsync(idle[0]));
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_body_that_comes_byte_by_byte_is_answered_as_one_that_comes_at_once()
    {
        await using var server = await StartAsync();
        using var slow = await ConnectAsync(server.Url);
        slow.NoDelay = true;
        foreach (var piece in Request(Good))
        {
            await SendAsync(slow, piece.ToString());
        }

        Assert.EndsWith(Answer, await ReceiveAsync(slow));
    }

    [Fact]
    public async Task Callers_that_go_or_close_their_half_leave_no_trace()
    {
        await using var server = await StartAsync();
        for (var round = 0; round < 50; round++)
        {
            using var gone = await ConnectAsync(server.Url);
            await SendAsync(gone, Request(Good)[..^(1 + round)]);
            gone.LingerState = new LingerOption(enable: true, seconds: 0); // A reset, not an orderly end.
        }

        // Kestrel takes the end of a caller's half for the end of its interest, so that there need not be an answer.
        for (var round = 0; round < 50; round++)
        {
            using var half = await ConnectAsync(server.Url);
            await SendAsync(half, Request(Good)[..^(round % 2)]);
            half.Shutdown(SocketShutdown.Send);
        }

        using var other = await ConnectAsync(server.Url);
        await SendAsync(other, Request(Good));
        Assert.EndsWith(Answer, await ReceiveAsync(other));
    }

    [Fact]
    public async Task A_caller_that_sends_rows_and_reads_nothing_is_not_answered_into_memory()
    {
        await using var server = await StartAsync();
        using var greedy = await ConnectAsync(server.Url);
        await SendAsync(greedy, "POST /v1/models/trips:predict HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n");
        var rows = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("2.5,1,Acme,true,2001-03-31T23:59:00\n", 2_000)));
        byte[] chunk = [.. Encoding.ASCII.GetBytes($"{rows.Length:x}\r\n"), .. rows, .. "\r\n"u8];
        greedy.Blocking = false;

        // As the answers are not read, the server stops reading: some megabytes of sockets' and pipes' buffers, and no more is taken.
        var sent = 0L;
        const long Most = 256 << 20;
        for (var refused = 0; refused < 20 && sent < Most;)
        {
            var count = greedy.Send(chunk, SocketFlags.None, out var error);
            sent += count;
            refused = error == SocketError.WouldBlock ? refused + 1 : 0;
            if (error == SocketError.WouldBlock)
            {
                await Task.Delay(10); // Until the server has taken what it is going to.
            }
            else
            {
                chunk = count < chunk.Length ? [.. chunk[count..], .. chunk[..count]] : chunk;
            }
        }

        Assert.InRange(sent, 1, Most - 1);
    }
}

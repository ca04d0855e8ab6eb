using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Capstan.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// Callers who know nothing of each other: each has a thread, a connection, and times at which it asks, exponentially apart, whatever the answers do.
/// wrk asks as fast as it is answered, so it can't say how long an answer takes at half of what a server can do.
/// </summary>
/// <remarks>
/// What is due while the caller waits for an answer counts from when it was due (no coordinated omission); what is due while it sleeps counts from
/// when it is sent, so that a late awakening here is not the server's.
/// </remarks>
static partial class SteadyCallers
{
    /// <summary>Requests a second of callers who ask again as soon as they are answered: what server and callers can do together on these processors.</summary>
    public static async Task<double> SaturatingRateAsync(Uri address, byte[] body, int callers, TimeSpan duration) =>
        (await AskAsync(address, body, 0, callers, duration)).Length / duration.TotalSeconds;

    /// <summary>The 99th percentile of the latencies.</summary>
    /// <param name="rate">Requests a second of all callers together.</param>
    public static async Task<TimeSpan> P99Async(Uri address, byte[] body, double rate, int callers, TimeSpan duration)
    {
        var latencies = await AskAsync(address, body, callers / rate, callers, duration);
        Array.Sort(latencies);
        return latencies[latencies.Length * 99 / 100];
    }

    /// <exception cref="InvalidOperationException">A request was not answered with 200.</exception>
    static async Task<TimeSpan[]> AskAsync(Uri address, byte[] body, double meanSeconds, int callers, TimeSpan duration) =>
    [
        .. (await Task.WhenAll(Enumerable.Range(0, callers).Select(number => Task.Factory.StartNew(
            () => Ask(address, body, meanSeconds, new SeededRandom((ulong)number + 1), duration),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)))).SelectMany(each => each),
    ];

    static List<TimeSpan> Ask(Uri address, byte[] body, double meanSeconds, SeededRandom random, TimeSpan duration)
    {
        byte[] request = [.. Encoding.ASCII.GetBytes($"POST {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        var (time, buffer, latencies) = (TimeProvider.System, new byte[64 << 10], new List<TimeSpan>());
        var began = time.GetTimestamp();
        for (var due = Gap(); due < duration && time.GetElapsedTime(began) < duration; due += Gap())
        {
            var from = due;
            while (due - time.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
            {
                Sleep(rest);
                from = time.GetElapsedTime(began);
            }

            socket.Send(request);
            Receive(socket, buffer);
            latencies.Add(time.GetElapsedTime(began) - from);
        }

        return latencies;

        TimeSpan Gap() => TimeSpan.FromSeconds(-meanSeconds * Math.Log(1 - random.NextDouble()));
    }

    static void Receive(Socket socket, byte[] buffer)
    {
        for (var received = 0; ;)
        {
            received += socket.Receive(buffer.AsSpan(received)) is > 0 and var count ? count : throw new InvalidOperationException("The server hung up.");
            var answer = buffer.AsSpan(0, received);
            var end = answer.IndexOf("\r\n\r\n"u8) + 4;
            if (end < 4)
            {
                continue;
            }

            if (!answer.StartsWith("HTTP/1.1 200 "u8))
            {
                throw new InvalidOperationException($"The answer is {Encoding.UTF8.GetString(answer)}");
            }

            if (received == end + LengthOf(answer[..end]))
            {
                return;
            }
        }
    }

    static int LengthOf(ReadOnlySpan<byte> head)
    {
        var length = head[(head.IndexOf("Content-Length: "u8) + "Content-Length: ".Length)..];
        return int.Parse(length[..length.IndexOf((byte)'\r')], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Thread.Sleep knows whole milliseconds only, in which a server answers dozens of requests.</summary>
    static void Sleep(TimeSpan time)
    {
        const long NanosecondsOfTick = 100;
        var wanted = new TimeSpec((long)time.TotalSeconds, time.Ticks % TimeSpan.TicksPerSecond * NanosecondsOfTick);
        _ = NanoSleep(wanted, 0); // Awakened too early, the caller sleeps again.
    }

    readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec wanted, nint rest);
}

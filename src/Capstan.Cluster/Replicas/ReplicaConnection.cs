using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>The connection that holds a replica to this machine: <see cref="ReplicaAttachment"/>, seen from here.</summary>
sealed class ReplicaConnection : IAsyncDisposable
{
    readonly Socket _socket;
    readonly StreamReader _reader;
    readonly TimeProvider _time;
    long _processorMilliseconds;

    /// <param name="reader">The connection, after the replica's first line.</param>
    public ReplicaConnection(Socket socket, StreamReader reader, Uri address, TimeProvider time)
    {
        (_socket, _reader, _time, Address) = (socket, reader, time, address);
        Ended = ListenAsync();
    }

    public Uri Address { get; }

    /// <summary>Ends when the replica has hung up or says nothing any more; never fails.</summary>
    public Task Ended { get; }

    public TimeSpan ProcessorTime => TimeSpan.FromMilliseconds(Interlocked.Read(ref _processorMilliseconds));

    /// <summary>Tells the replica to end.</summary>
    public void HangUp()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It was faster.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await Ended;
        _reader.Dispose();
    }

    async Task ListenAsync()
    {
        try
        {
            await AnswerAsync();
            while (await _reader.ReadLineAsync().WaitAsync(ReplicaAttachment.Silence, _time) is { } line)
            {
                if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
                {
                    Interlocked.Exchange(ref _processorMilliseconds, milliseconds);
                }

                await AnswerAsync();
            }
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException or TimeoutException)
        {
            // However it ends: the replica is lost, or was told to go.
        }
    }

    async Task AnswerAsync() => await _socket.SendAsync("\n"u8.ToArray(), SocketFlags.None);
}

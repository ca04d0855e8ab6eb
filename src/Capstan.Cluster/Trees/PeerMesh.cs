using System.Diagnostics;
using Capstan.Parameters;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>
/// The workers of one round, each with a channel to every other: a worker calls those of lower rank and lets in those of higher. Disposing of it,
/// on whichever thread, ends an exchange that waits.
/// </summary>
sealed class PeerMesh : ITreePeers, IDisposable
{
    // What a socket takes in without anybody reading: so much is sent before anything is read, and more by another thread, or two who
    // send to each other would wait for ever.
    const int Small = 8192;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    readonly PeerDoor _door;
    readonly long _round;
    readonly Channel?[] _channels;
    readonly PeerSender?[] _senders;
    long _exchanges;
    int _isOver;

    PeerMesh(PeerDoor door, long round, int rank, int count)
    {
        (_door, _round, Rank) = (door, round, rank);
        (_channels, _senders) = (new Channel?[count], new PeerSender?[count]);
    }

    public int Rank { get; }

    public int Count => _channels.Length;

    /// <summary>How long this worker has waited for others, and the wire.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Sent to others and received from them.</summary>
    public long Bytes { get; private set; }

    /// <param name="doors">[count] where each of them lets in others.</param>
    /// <exception cref="PeerLostException">Somebody is not there.</exception>
    public static PeerMesh Join(
        string job, long round, int rank, IReadOnlyList<ServerAddress> doors, PeerDoor own, ChannelOptions options, TimeProvider clock)
    {
        var mesh = new PeerMesh(own, round, rank, doors.Count);
        try
        {
            for (var peer = 0; peer < rank; peer++)
            {
                var channel = mesh._channels[peer] = Channel.Connect(doors[peer], options);
                channel.AwaitForEver();
                channel.Out.WriteText(job);
                channel.Send(Operation.TreesPeer, FrameStatus.Ok, rank, 0, round);
            }

            for (var peer = rank + 1; peer < doors.Count; peer++)
            {
                mesh._channels[peer] = own.Await(peer, round, Patience, clock);
            }

            for (var peer = 0; peer < doors.Count; peer++)
            {
                mesh._senders[peer] = peer == rank ? null : new PeerSender(mesh._channels[peer]!); // made just now
            }
        }
        catch (ChannelException lost)
        {
            mesh.Dispose();
            throw new PeerLostException(lost.Message, lost);
        }
        catch
        {
            mesh.Dispose();
            throw;
        }

        return mesh;
    }

    public void Exchange(ReadOnlySpan<PeerPart> sent, ReadOnlySpan<PeerPart> received)
    {
        var began = Stopwatch.GetTimestamp();
        _exchanges++;
        try
        {
            for (var peer = 0; peer < Count; peer++)
            {
                if (peer == Rank)
                {
                    continue;
                }

                if (sent[peer].Length <= Small)
                {
                    Send(_channels[peer]!, sent[peer], _exchanges); // a mesh that was joined is whole
                }
                else
                {
                    _senders[peer]!.Begin(sent[peer], _exchanges);
                }

                Bytes += sent[peer].Length + received[peer].Length;
            }

            for (var peer = 0; peer < Count; peer++)
            {
                if (peer != Rank)
                {
                    Receive(_channels[peer]!, received[peer], _exchanges);
                }
            }

            foreach (var sender in _senders)
            {
                // What is sent belongs to LightGBM again when this returns.
                sender?.End();
            }
        }
        catch (Exception fault) when (fault is ChannelException or FrameException or ObjectDisposedException)
        {
            Dispose();
            foreach (var sender in _senders)
            {
                // Those under way fail now, and until then read memory that LightGBM takes back.
                sender?.Await();
            }

            throw new PeerLostException(fault.Message, fault);
        }

        Waited += Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Hangs up on all.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 1)
        {
            return;
        }

        foreach (var channel in _channels)
        {
            channel?.Dispose();
        }

        foreach (var sender in _senders)
        {
            sender?.Stop();
        }

        _door.Close(_round);
    }

    internal static void Send(Channel channel, PeerPart part, long number) =>
        channel.Send(Operation.TreesPart, FrameStatus.Ok, 0, 0, number, part.Bytes);

    static void Receive(Channel channel, PeerPart part, long number)
    {
        var header = channel.ReceiveHeader();
        if (header.Operation != Operation.TreesPart || header.Number != number || header.Length != part.Length)
        {
            throw new FrameException(
                $"operation {(int)header.Operation} number {header.Number} of {header.Length:N0} bytes came, where exchange {number} has {part.Length:N0}");
        }

        channel.ReadExactly(part.Bytes);
    }
}

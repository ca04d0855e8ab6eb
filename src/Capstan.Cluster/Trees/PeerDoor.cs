using System.Net;
using Capstan.Parameters;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>
/// Where a worker lets in those that grow the same trees: each by the cluster's handshake, and for one round. A stranger has nothing to say
/// here, and who comes for a round that is past is sent away.
/// </summary>
sealed class PeerDoor : IDisposable
{
    readonly object _gate = new();
    readonly Dictionary<int, Guest> _guests = [];
    readonly ChannelListener _listener;
    readonly string _job;

    public PeerDoor(string job, ChannelOptions options, IPAddress address)
    {
        _job = job;
        _listener = ChannelListener.Start(options, address, 0, null, Serve);
    }

    public ServerAddress Address => _listener.Address;

    /// <summary>What comes from a peer for a round, when it has come.</summary>
    /// <exception cref="PeerLostException">It has not, in time.</exception>
    public Channel Await(int rank, long round, TimeSpan patience, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        lock (_gate)
        {
            while (true)
            {
                if (_guests.TryGetValue(rank, out var guest) && guest.Round == round)
                {
                    return guest.Channel;
                }

                var left = patience - clock.GetElapsedTime(began);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                {
                    throw new PeerLostException($"worker {rank} did not come");
                }
            }
        }
    }

    /// <summary>Sends away whoever came for this round, or one before it.</summary>
    public void Close(long round)
    {
        lock (_gate)
        {
            foreach (var (rank, guest) in _guests.Where(guest => guest.Value.Round <= round).ToArray())
            {
                guest.Leave.Set();
                _guests.Remove(rank);
            }
        }
    }

    public void Dispose()
    {
        Close(long.MaxValue);
        _listener.Dispose();
    }

    void Serve(Channel channel)
    {
        var hello = channel.Receive();
        if (hello.Operation != Operation.TreesPeer || channel.In.ReadText() != _job)
        {
            throw new FrameException($"operation {(int)hello.Operation} is none of a worker's that grows the same trees");
        }

        channel.AwaitForEver();
        using var leave = new ManualResetEventSlim();
        lock (_gate)
        {
            if (_guests.TryGetValue(hello.Shard, out var before))
            {
                if (before.Round >= hello.Number)
                {
                    return;
                }

                before.Leave.Set();
            }

            _guests[hello.Shard] = new Guest(hello.Number, channel, leave);
            Monitor.PulseAll(_gate);
        }

        // The listener ends the channel with this call.
        leave.Wait();
    }

    sealed record Guest(long Round, Channel Channel, ManualResetEventSlim Leave);
}

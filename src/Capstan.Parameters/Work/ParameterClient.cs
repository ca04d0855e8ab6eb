using System.Runtime.InteropServices;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A worker's connections to the primaries of all shards of a job, under one map: takes work, pulls parameters into a learner,
/// and hands in gradients. Blocking; not thread-safe; of no use any more once it has thrown.
/// </summary>
sealed partial class ParameterClient : IDisposable
{
    readonly TrainingJob _job;
    readonly ShardMap _map;
    readonly Channel[] _channels;
    readonly KeyMemory[] _keys;
    readonly KeyMemory[] _pushedKeys;
    readonly Replica _replica;
    readonly (nint Address, int Bytes)[] _layers;

    /// <exception cref="ShardLostException">A primary does not answer.</exception>
    public ParameterClient(TrainingJob job, ShardMap map, Replica replica, ChannelOptions options, string name)
    {
        (_job, _map, _replica) = (job, map, replica);
        _channels = new Channel[map.Shards.Length];
        _layers = new (nint, int)[map.Shards.Length];
        _keys = [.. map.Shards.Select(_ => new KeyMemory())];
        _pushedKeys = [.. map.Shards.Select(_ => new KeyMemory())];
        for (var shard = 0; shard < _channels.Length; shard++)
        {
            try
            {
                _channels[shard] = Channel.Connect(map.Shards[shard].Primary, options);
                ServerTalk.Join(_channels[shard], job.Id, name);
            }
            catch (Exception cause) when (cause is ChannelException or FrameException)
            {
                Dispose();
                throw new ShardLostException(shard, map.Shards[shard].Primary, cause.Message, cause);
            }
        }
    }

    public ReadOnlySpan<Channel> Channels => _channels;

    /// <summary>Of the map.</summary>
    public int Epoch => _map.Epoch;

    public long BytesSent => _channels.Sum(channel => channel.BytesSent);

    public long BytesReceived => _channels.Sum(channel => channel.BytesReceived);

    /// <returns>Ok with work; NotYet, to ask again; or Finished.</returns>
    public FrameStatus Lease(out WorkLease lease)
    {
        if (_next is { } known)
        {
            _next = null;
            lease = known.Lease;
            return known.Status;
        }

        lease = default;
        Waited = TimeSpan.Zero;
        Send(0, Operation.Lease, 0);
        var status = Receive(0).Status;
        if (status == FrameStatus.Ok)
        {
            lease = _channels[0].In.Read<WorkLease>();
        }

        return status is FrameStatus.Ok or FrameStatus.NotYet or FrameStatus.Finished ? status : throw Lost(0, $"it answered {status}");
    }

    /// <summary>The content of a push to a shard, to be filled.</summary>
    public FrameBuffer PushTo(int shard) => _channels[shard].Out;

    /// <summary>
    /// Gradients of layers to be sent behind what was filled in; from where they are, if they need no other form.
    /// </summary>
    /// <param name="gradients">Of the replica's own memory, unchanged until they are pushed.</param>
    public unsafe void PushLayers(int shard, ReadOnlySpan<float> gradients)
    {
        if (_job.Numbers != WireNumbers.Single)
        {
            WireFloats.Write(PushTo(shard), gradients, _job.Numbers);
            return;
        }

        // They are pinned (AlignedBuffer), so that an address is good for as long as the replica.
        _layers[shard] = ((nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(gradients)), gradients.Length * sizeof(float));
    }

    public int LayerBytesToPush(int shard) => _layers[shard].Bytes;

    /// <summary>Writes the keys of a push, or their hash; in full where pushes are passed on or kept.</summary>
    public void WritePushedKeys(int shard, int block, ReadOnlySpan<int> keys)
    {
        if (_job.Consistency == Consistency.Synchronous || _job.Replicas > 0)
        {
            KeyMemory.WriteOnce(PushTo(shard), keys);
        }
        else
        {
            _pushedKeys[shard].Write(PushTo(shard), block, keys);
        }
    }

    /// <summary>
    /// Hands in what was filled in. The first shard comes last: it hands out the work, and counts as done what all others have.
    /// </summary>
    /// <returns>Ok, Stale if it had been done, or Overlap if it must be handed in part by part.</returns>
    public FrameStatus Push(long step)
    {
        var worst = PushToOthers(step);
        if (worst == FrameStatus.Overlap)
        {
            return worst;
        }

        Send(0, Operation.Push, step);
        return Worse(worst, TakePushed(0, Receive(0).Status));
    }

    FrameStatus PushToOthers(long step)
    {
        for (var shard = 1; shard < _channels.Length; shard++)
        {
            Send(shard, Operation.Push, step);
        }

        var worst = FrameStatus.Ok;
        for (var shard = 1; shard < _channels.Length; shard++)
        {
            worst = Worse(worst, TakePushed(shard, Receive(shard).Status));
        }

        if (worst == FrameStatus.Overlap)
        {
            _channels[0].Out.Clear();
            _layers[0] = default;
        }

        return worst;
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel?.Dispose();
        }
    }

    FrameStatus TakePushed(int shard, FrameStatus status)
    {
        if (status != FrameStatus.Ok)
        {
            _pushedKeys[shard].Clear();
        }

        return status is FrameStatus.Ok or FrameStatus.Stale or FrameStatus.Overlap ? status : throw Lost(shard, $"it answered {status}");
    }

    static FrameStatus Worse(FrameStatus one, FrameStatus other) =>
        one == FrameStatus.Overlap || other == FrameStatus.Overlap ? FrameStatus.Overlap : other;

    void Send(int shard, Operation operation, long number)
    {
        try
        {
            var more = Behind(shard);
            _layers[shard] = default;
            _channels[shard].Send(operation, FrameStatus.Ok, shard, _map.Epoch, number, more);
        }
        catch (ChannelException cause)
        {
            throw Lost(shard, cause.Message, cause);
        }
    }

    FrameHeader Receive(int shard)
    {
        try
        {
            return _channels[shard].Receive();
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            throw Lost(shard, cause.Message, cause);
        }
    }

    unsafe ReadOnlySpan<byte> Behind(int shard) => new((void*)_layers[shard].Address, _layers[shard].Bytes);

    ShardLostException Lost(int shard, string problem, Exception? cause = null) => new(shard, _map.Shards[shard].Primary, problem, cause);
}

using System.Runtime.InteropServices;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A worker's connections to the primaries of all shards of a job, under one map: takes work, pulls parameters into a learner,
/// and hands in gradients. Blocking; not thread-safe; of no use any more once it has thrown.
/// </summary>
sealed class ParameterClient : IDisposable
{
    readonly TrainingJob _job;
    readonly ShardMap _map;
    readonly Channel[] _channels;
    readonly KeyMemory[] _keys;
    readonly KeyMemory[] _pushedKeys;
    readonly Replica _replica;
    readonly (nint Address, int Bytes)[] _layers;
    byte[] _encoded = [];

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

    public long BytesSent => _channels.Sum(channel => channel.BytesSent);

    public long BytesReceived => _channels.Sum(channel => channel.BytesReceived);

    /// <returns>Ok with work; NotYet, to ask again; or Finished.</returns>
    public FrameStatus Lease(out WorkLease lease)
    {
        lease = default;
        Send(0, Operation.Lease, 0);
        var status = Receive(0).Status;
        if (status == FrameStatus.Ok)
        {
            lease = _channels[0].In.Read<WorkLease>();
        }

        return status is FrameStatus.Ok or FrameStatus.NotYet or FrameStatus.Finished ? status : throw Lost(0, $"it answered {status}");
    }

    /// <summary>Pulls what some rows need.</summary>
    /// <param name="version">−1 for the latest.</param>
    /// <param name="needs">By table of the replica, the rows needed.</param>
    /// <returns>False if that version is past: others have done the work meanwhile.</returns>
    public bool Pull(long version, TableRows needs)
    {
        Span<bool> done = stackalloc bool[_channels.Length];
        while (done.Contains(false))
        {
            for (var shard = 0; shard < _channels.Length; shard++)
            {
                if (!done[shard])
                {
                    Ask(shard, version, needs);
                }
            }

            var isPast = false;
            for (var shard = 0; shard < _channels.Length; shard++)
            {
                if (!done[shard])
                {
                    done[shard] = TakePulled(shard, needs, out var isStale);
                    isPast |= isStale;
                }
            }

            if (isPast)
            {
                return false;
            }
        }

        _replica.TakeUp();
        return true;
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
        for (var shard = 1; shard < _channels.Length; shard++)
        {
            Send(shard, Operation.Push, step);
        }

        var worst = FrameStatus.Ok;
        for (var shard = 1; shard < _channels.Length; shard++)
        {
            worst = Worse(worst, TakePushed(shard));
        }

        if (worst == FrameStatus.Overlap)
        {
            _channels[0].Out.Clear();
            _layers[0] = default;
            return worst;
        }

        Send(0, Operation.Push, step);
        return Worse(worst, TakePushed(0));
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel?.Dispose();
        }
    }

    void Ask(int shard, long version, TableRows needs)
    {
        var frame = _channels[shard].Out;
        frame.Write(_replica.DenseSegments[shard].IsEmpty ? 0 : 1);
        var slices = _replica.KeyedSlices[shard];
        frame.Write(slices.Length);
        foreach (var slice in slices)
        {
            frame.Write(slice.Block);
            _keys[shard].Write(frame, slice.Block, needs.Within(_replica.TableOf(slice.Block), slice));
        }

        Send(shard, Operation.Pull, version);
    }

    bool TakePulled(int shard, TableRows needs, out bool isStale)
    {
        isStale = false;
        var channel = _channels[shard];
        try
        {
            var header = channel.ReceiveHeader();
            if (header.Status != FrameStatus.Ok)
            {
                _keys[shard].Clear();
                channel.In.Clear();
                channel.ReadExactly(channel.In.Append((int)header.Length));
                isStale = header.Status == FrameStatus.Stale;
                return isStale || header.Status == FrameStatus.NotYet ? isStale : throw Lost(shard, $"it answered {header.Status}");
            }

            foreach (var slice in _replica.KeyedSlices[shard])
            {
                var table = _replica.TableOf(slice.Block);
                var rows = needs.Within(table, slice);
                var bytes = checked(rows.Length * table.Width * WireFloats.BytesOf(_job.Numbers));
                channel.In.Clear();
                channel.ReadExactly(channel.In.Append(bytes));
                table.Scatter(rows, slice.FirstRow, channel.In, _job.Numbers);
            }

            var segments = _replica.DenseSegments[shard];
            foreach (var segment in segments)
            {
                ReadDense(channel, _replica.Dense(segment));
            }

            Span<byte> trailer = stackalloc byte[sizeof(long)];
            if (segments.IsEmpty)
            {
                return true;
            }

            channel.ReadExactly(trailer);

            // A step went over what was being sent: only a synchronous learner minds.
            return MemoryMarshal.Read<long>(trailer) != 0 || _job.Consistency != Consistency.Synchronous;
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            throw Lost(shard, cause.Message, cause);
        }
    }

    void ReadDense(Channel channel, Span<float> target)
    {
        if (_job.Numbers == WireNumbers.Single)
        {
            channel.ReadExactly(MemoryMarshal.AsBytes(target));
            return;
        }

        var bytes = target.Length * WireFloats.BytesOf(_job.Numbers);
        if (_encoded.Length < bytes)
        {
            _encoded = new byte[bytes];
        }

        channel.ReadExactly(_encoded.AsSpan(0, bytes));
        WireFloats.Decode(MemoryMarshal.Cast<byte, ushort>(_encoded.AsSpan(0, bytes)), _job.Numbers, target);
    }

    FrameStatus TakePushed(int shard)
    {
        var status = Receive(shard).Status;
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

namespace Capstan.Parameters;

/// <summary>What a shard sends of its parameters.</summary>
sealed partial class Shard
{
    /// <summary>
    /// Answers a pull: of each keyed block asked for the rows asked for, then, if wanted, all dense blocks, then 1 if they were
    /// those of one version, or 0 if a step changed them meanwhile.
    /// </summary>
    /// <param name="version">Which; −1 for the latest.</param>
    /// <remarks>
    /// Large dense blocks are sent as they lie, without the lock: a slow reader holds nobody up. The version before the latest
    /// is kept, because one shard can be a step ahead of another (decision 0242).
    /// </remarks>
    public void Pull(int epoch, long version, Channel channel, KeyMemory keys)
    {
        var more = ReadOnlySpan<float>.Empty;
        var (isDense, stamp) = (false, 0L);
        for (var attempt = 0; ; attempt++)
        {
            channel.In.Rewind();
            channel.Out.Clear();
            var status = FrameStatus.Ok;
            lock (_gate)
            {
                status = Gather(epoch, version, channel, keys, out isDense, out var previous);
                if (status == FrameStatus.Ok && isDense)
                {
                    more = previous ? _state.PreviousDense : _state.Dense;
                    stamp = _stamp;
                    if (Numbers != WireNumbers.Single || channel.Out.Length + more.Length * 4 + sizeof(long) <= Channel.SmallFrame)
                    {
                        WireFloats.Write(channel.Out, more, Numbers);
                        more = [];
                    }
                }
            }

            if (status == FrameStatus.Ok)
            {
                break;
            }

            if (status != FrameStatus.NotYet || attempt > 0)
            {
                channel.Out.Clear();
                channel.Send(Operation.Reply, status, Index, Epoch, 0);
                return;
            }

            Await();
        }

        if (!isDense)
        {
            channel.Send(Operation.Reply, FrameStatus.Ok, Index, epoch, version);
            return;
        }

        if (more.IsEmpty)
        {
            channel.Out.Write(1L);
            channel.Send(Operation.Reply, FrameStatus.Ok, Index, epoch, version);
            return;
        }

        channel.SendBegin(Operation.Reply, FrameStatus.Ok, Index, epoch, version, more.Length * 4L + sizeof(long));
        channel.SendMore(System.Runtime.InteropServices.MemoryMarshal.AsBytes(more));
        Span<byte> trailer = stackalloc byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(trailer, Stamp == stamp ? 1 : 0);
        channel.SendMore(trailer);
    }

    FrameStatus Gather(int epoch, long version, Channel channel, KeyMemory keys, out bool isDense, out bool previous)
    {
        (isDense, previous) = (false, false);
        if (Check(epoch) is not FrameStatus.Ok and var refused)
        {
            return refused;
        }

        if (!_isPrimary || _isSuspended)
        {
            return FrameStatus.Suspended;
        }

        if (version > _state.Version)
        {
            return FrameStatus.NotYet;
        }

        if (version >= 0 && version < _state.Version - 1)
        {
            return FrameStatus.Stale;
        }

        previous = version >= 0 && version < _state.Version;
        isDense = channel.In.Read<int>() != 0;
        var count = channel.In.Read<int>();
        for (var entry = 0; entry < count; entry++)
        {
            var block = channel.In.Read<int>();
            if (_state.Block(block) is not KeyedBlock keyed)
            {
                throw new FrameException($"block {block} has no keys");
            }

            keyed.Gather(keys.Read(channel.In, keyed.Slice), previous, Numbers, channel.Out);
        }

        return FrameStatus.Ok;
    }
}

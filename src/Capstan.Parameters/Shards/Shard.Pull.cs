using System.Buffers.Binary;
using System.Runtime.InteropServices;

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
        var began = _clock.GetTimestamp();
        while (true)
        {
            var seen = Changes;
            channel.In.Rewind();
            channel.Out.Clear();
            var status = Gather(epoch, version, channel, keys, true, out var dense);
            if (status == FrameStatus.Ok)
            {
                Send(channel, FrameStatus.Ok, epoch, version, dense);
                return;
            }

            var left = Patience - _clock.GetElapsedTime(began);
            if (status != FrameStatus.NotYet || left <= TimeSpan.Zero)
            {
                channel.Out.Clear();
                channel.Send(Operation.Reply, status, Index, Epoch, 0);
                return;
            }

            Await(seen, left);
        }
    }

    /// <summary>Writes what a pull asks for, but for dense blocks that are sent from where they lie.</summary>
    /// <param name="isKeyed">False only reads which rows are asked for, since the worker believes them remembered.</param>
    public FrameStatus Gather(int epoch, long version, Channel channel, KeyMemory keys, bool isKeyed, out DensePart dense)
    {
        dense = default;
        lock (_gate)
        {
            var status = Gather(epoch, version, channel, keys, isKeyed, out var isDense, out var previous);
            if (status != FrameStatus.Ok || !isDense)
            {
                return status;
            }

            var values = previous ? _state.PreviousDense : _state.Dense;
            if (Numbers == WireNumbers.Single && values.Length * (long)sizeof(float) > Channel.CopiedBytes)
            {
                dense = new DensePart(values, _stamp);
                return status;
            }

            WireFloats.Write(channel.Out, values, Numbers);
            channel.Out.Write(1L);
            return status;
        }
    }

    /// <summary>Sends a reply with what was gathered.</summary>
    public void Send(Channel channel, FrameStatus status, int epoch, long number, in DensePart dense)
    {
        if (dense.Values.IsEmpty)
        {
            channel.Send(Operation.Reply, status, Index, epoch, number);
            return;
        }

        channel.SendBegin(Operation.Reply, status, Index, epoch, number, dense.Values.Length * (long)sizeof(float) + sizeof(long));
        channel.SendMore(MemoryMarshal.AsBytes(dense.Values));
        Span<byte> trailer = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(trailer, Stamp == dense.Stamp ? 1 : 0);
        channel.SendMore(trailer);
    }

    FrameStatus Gather(int epoch, long version, Channel channel, KeyMemory keys, bool isKeyed, out bool isDense, out bool previous)
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

            var rows = keys.Read(channel.In, keyed.Slice);
            if (isKeyed)
            {
                keyed.Gather(rows, previous, Numbers, channel.Out);
            }
        }

        return FrameStatus.Ok;
    }
}

/// <summary>Dense blocks to be sent from where they lie; empty if there are none, or they were copied.</summary>
/// <param name="stamp">The shard's when they were looked at.</param>
readonly ref struct DensePart(ReadOnlySpan<float> values, long stamp)
{
    public ReadOnlySpan<float> Values { get; } = values;

    public long Stamp { get; } = stamp;
}

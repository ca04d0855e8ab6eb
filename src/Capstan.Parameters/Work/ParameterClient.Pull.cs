using System.Runtime.InteropServices;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>How parameters are pulled into a worker's own copy.</summary>
sealed partial class ParameterClient
{
    byte[] _encoded = [];

    /// <summary>Pulls what some rows need.</summary>
    /// <param name="version">−1 for the latest.</param>
    /// <param name="needs">By table of the replica, the rows needed.</param>
    /// <returns>False if that version is past: others have done the work meanwhile.</returns>
    public bool Pull(long version, TableRows needs)
    {
        Span<bool> done = stackalloc bool[_channels.Length];
        var came = TakeWhatCame(version);
        done[0] = came == AskedPull.Everything || (came == AskedPull.DenseBlocks && _replica.KeyedSlices[0].IsEmpty);
        while (done.Contains(false))
        {
            for (var shard = 0; shard < _channels.Length; shard++)
            {
                if (!done[shard])
                {
                    WritePull(shard, shard > 0 || came == AskedPull.Nothing, needs);
                    Send(shard, Operation.Pull, version);
                }
            }

            var isPast = false;
            for (var shard = 0; shard < _channels.Length; shard++)
            {
                if (!done[shard])
                {
                    done[shard] = TakePulled(shard, shard > 0 || came == AskedPull.Nothing, needs, out var isStale);
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

    void WritePull(int shard, bool isDense, TableRows needs)
    {
        var frame = _channels[shard].Out;
        frame.Write(isDense && !_replica.DenseSegments[shard].IsEmpty ? 1 : 0);
        var slices = _replica.KeyedSlices[shard];
        frame.Write(slices.Length);
        foreach (var slice in slices)
        {
            frame.Write(slice.Block);
            _keys[shard].Write(frame, slice.Block, needs.Within(_replica.TableOf(slice.Block), slice));
        }
    }

    bool TakePulled(int shard, bool isDense, TableRows needs, out bool isStale)
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

            TakeRows(shard, needs);
            return !isDense || TakeDense(shard);
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            throw Lost(shard, cause.Message, cause);
        }
    }

    void TakeRows(int shard, TableRows needs)
    {
        var channel = _channels[shard];
        foreach (var slice in _replica.KeyedSlices[shard])
        {
            var table = _replica.TableOf(slice.Block);
            var rows = needs.Within(table, slice);
            var bytes = checked(rows.Length * table.Width * WireFloats.BytesOf(_job.Numbers));
            channel.In.Clear();
            channel.ReadExactly(channel.In.Append(bytes));
            table.Scatter(rows, slice.FirstRow, channel.In, _job.Numbers);
        }
    }

    /// <returns>False if a step went over what was being sent: only a synchronous learner minds.</returns>
    bool TakeDense(int shard)
    {
        var segments = _replica.DenseSegments[shard];
        foreach (var segment in segments)
        {
            ReadDense(_channels[shard], _replica.Dense(segment));
        }

        if (segments.IsEmpty)
        {
            return true;
        }

        Span<byte> trailer = stackalloc byte[sizeof(long)];
        _channels[shard].ReadExactly(trailer);
        return MemoryMarshal.Read<long>(trailer) != 0 || _job.Consistency != Consistency.Synchronous;
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
}

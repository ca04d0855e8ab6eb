using Capstan.Training;
using System.Runtime.InteropServices;

namespace Capstan.Parameters;

/// <summary>
/// Which numbered pieces of work have been taken in: all below a mark, and some beyond. So a push that is sent again, by the
/// same worker or by another that was given the work of a dead one, is taken in once.
/// </summary>
sealed class UnitLedger
{
    ulong[] _beyond = new ulong[4];

    /// <summary>All before this one have been taken in, and it has not.</summary>
    public long Mark { get; private set; }

    public long Count { get; private set; }

    public bool Contains(long unit)
    {
        var distance = unit - Mark;
        return distance < 0 || (distance < _beyond.Length * 64L && (_beyond[distance >> 6] >> (int)(distance & 63) & 1) != 0);
    }

    /// <returns>False if it had been taken in before.</returns>
    public bool Add(long unit)
    {
        if (Contains(unit))
        {
            return false;
        }

        var distance = unit - Mark;
        if (distance >= _beyond.Length * 64L)
        {
            Array.Resize(ref _beyond, checked((int)Math.Max(distance / 64 + 1, 2L * _beyond.Length)));
        }

        _beyond[distance >> 6] |= 1UL << (int)(distance & 63);
        Count++;
        while ((_beyond[0] & 1) != 0)
        {
            Advance();
        }

        return true;
    }

    public void Save(CheckpointWriter state)
    {
        state.Number(321, Mark);
        state.Number(322, Count);
        state.Bytes(323, MemoryMarshal.AsBytes(_beyond.AsSpan()));
    }

    public void Restore(CheckpointReader state)
    {
        Mark = state.Number(321, 0, long.MaxValue);
        Count = state.Number(322, 0, long.MaxValue);
        _beyond = MemoryMarshal.Cast<byte, ulong>(state.Bytes(323)).ToArray();
    }

    /// <summary>Moves the mark over all that follow it without a gap, at most a word at a time.</summary>
    void Advance()
    {
        var run = Math.Min(63, System.Numerics.BitOperations.TrailingZeroCount(~_beyond[0]));
        Mark += run;
        for (var word = 0; word < _beyond.Length; word++)
        {
            var next = word + 1 < _beyond.Length ? _beyond[word + 1] : 0;
            _beyond[word] = (_beyond[word] >> run) | (next << (64 - run));
        }
    }
}

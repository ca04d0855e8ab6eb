namespace Capstan.Parameters;

/// <summary>
/// The lists of keys that one connection used last, for each block: a list that comes again travels as its hash. One end writes
/// by it, the other reads. Keys are rows within the shard's slice.
/// </summary>
/// <remarks>Source: M. Li et al., OSDI 2014, section 3.3 (key caching).</remarks>
sealed class KeyMemory
{
    readonly Dictionary<int, (ulong Hash, int[] Keys, int Count)> _lists = [];

    /// <summary>Writes a list of keys that the other end need not remember.</summary>
    public static void WriteOnce(FrameBuffer frame, ReadOnlySpan<int> keys)
    {
        frame.Write(keys.Length);
        frame.Write(0UL);
        frame.Write(keys);
    }

    /// <summary>Writes a list of keys, or its hash alone if the other end has it.</summary>
    public void Write(FrameBuffer frame, int block, ReadOnlySpan<int> keys)
    {
        var hash = HashOf(keys) | 1;
        var isKnown = _lists.TryGetValue(block, out var last) && last.Hash == hash && last.Count == keys.Length;
        frame.Write(isKnown ? ~keys.Length : keys.Length);
        frame.Write(hash);
        if (!isKnown)
        {
            frame.Write(keys);
            _lists[block] = (hash, [], keys.Length);
        }
    }

    /// <summary>Reads a list of keys, each checked to be a row of the slice.</summary>
    public ReadOnlySpan<int> Read(FrameBuffer frame, BlockSlice slice)
    {
        var count = frame.Read<int>();
        var hash = frame.Read<ulong>();
        if (count < 0)
        {
            return _lists.TryGetValue(slice.Block, out var known) && known.Hash == hash && known.Count == ~count
                ? known.Keys.AsSpan(0, known.Count)
                : throw new FrameException($"the keys of block {slice.Block} are not those sent last");
        }

        var keys = frame.Read<int>(count);
        foreach (var key in keys)
        {
            if ((uint)key >= (uint)slice.Rows)
            {
                throw new FrameException($"key {key:N0} is none of the {slice.Rows:N0} rows of block {slice.Block}");
            }
        }

        if (hash == 0)
        {
            return keys;
        }

        _lists.TryGetValue(slice.Block, out var last);
        var kept = last.Keys is { } room && room.Length >= count ? room : new int[count];
        keys.CopyTo(kept);
        _lists[slice.Block] = (hash, kept, count);
        return keys;
    }

    /// <summary>Forgets all that was written: the other end may not have read it.</summary>
    public void Clear() => _lists.Clear();

    // Four chains side by side, for lists of 100,000 keys; the finish is SplitMix64's.
    static ulong HashOf(ReadOnlySpan<int> keys)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        var (a, b, c, d) = (1UL, 2UL, 3UL, (ulong)keys.Length);
        var index = 0;
        for (; index + 4 <= keys.Length; index += 4)
        {
            a = (a ^ (uint)keys[index]) * Prime;
            b = (b ^ (uint)keys[index + 1]) * Prime;
            c = (c ^ (uint)keys[index + 2]) * Prime;
            d = (d ^ (uint)keys[index + 3]) * Prime;
            a ^= a >> 29;
            b ^= b >> 29;
            c ^= c >> 29;
            d ^= d >> 29;
        }

        for (; index < keys.Length; index++)
        {
            a = (a ^ (uint)keys[index]) * Prime;
            a ^= a >> 29;
        }

        return Data.SeededRandom.Scrambled(a ^ Data.SeededRandom.Scrambled(b ^ Data.SeededRandom.Scrambled(c ^ Data.SeededRandom.Scrambled(d))));
    }
}

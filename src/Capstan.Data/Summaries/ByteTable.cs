namespace Capstan.Data;

/// <summary>Counts by byte string: an open-addressing table over one growing arena, without an object per value.</summary>
/// <remarks>
/// Values keep the order of their first arrival. The arena is only appended to, so slices handed out stay true until it is
/// cleared.
/// </remarks>
sealed class ByteTable
{
    // Slot: 1 + the value's index, 0 = free; at most half are taken.
    int[] _slots = [];
    Entry[] _entries = [];
    byte[] _arena = [];

    public int Count { get; private set; }

    public int ByteCount { get; private set; }

    /// <summary>What the table takes, room for more values included.</summary>
    public long MemoryBytes => _entries.Length * 24L + _slots.Length * 4L + _arena.Length;

    public ref long CountAt(int index) => ref _entries[index].Count;

    public ReadOnlyMemory<byte> ValueAt(int index) => _arena.AsMemory(_entries[index].Start, _entries[index].Length);

    public ReadOnlySpan<byte> SpanAt(int index) => _arena.AsSpan(_entries[index].Start, _entries[index].Length);

    public ulong HashAt(int index) => _entries[index].Hash;

    /// <summary>The value's index, or −1.</summary>
    public int Find(ReadOnlySpan<byte> value, ulong hash)
    {
        if (_slots.Length == 0)
        {
            return -1;
        }

        var mask = _slots.Length - 1;
        for (var slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            var index = _slots[slot] - 1;
            if (index < 0)
            {
                return -1;
            }

            ref var entry = ref _entries[index];
            if (entry.Hash == hash && _arena.AsSpan(entry.Start, entry.Length).SequenceEqual(value))
            {
                return index;
            }
        }
    }

    /// <summary>
    /// Where values with these hashes may be: the index of an entry whose bytes remain to be compared, or −1, which says nothing.
    /// A look-up in a large table waits for memory at every step; here many wait together.
    /// </summary>
    public void Guess(ReadOnlySpan<ulong> hashes, Span<int> indexes)
    {
        indexes.Fill(-1);
        if (_slots.Length == 0)
        {
            return;
        }

        var mask = _slots.Length - 1;
        for (var each = 0; each < hashes.Length; each++)
        {
            indexes[each] = _slots[(int)hashes[each] & mask] - 1;
        }

        for (var each = 0; each < hashes.Length; each++)
        {
            var index = indexes[each];
            indexes[each] = index >= 0 && _entries[index].Hash == hashes[each] ? index : -1;
        }
    }

    /// <summary>Adds a value that is not there yet.</summary>
    public void Add(ReadOnlySpan<byte> value, ulong hash, long count)
    {
        if (2 * (Count + 1) > _slots.Length)
        {
            Grow();
        }

        if (value.Length > _arena.Length - ByteCount)
        {
            var wanted = Math.Max((long)ByteCount + value.Length, 2L * _arena.Length + 64);
            Array.Resize(ref _arena, (int)Math.Min(Array.MaxLength, wanted));
        }

        value.CopyTo(_arena.AsSpan(ByteCount));
        _entries[Count] = new Entry { Hash = hash, Count = count, Start = ByteCount, Length = value.Length };
        ByteCount += value.Length;
        Place(Count++);
    }

    /// <summary>Whether a new value of this length needs no more memory.</summary>
    public bool HasRoomFor(int length) => 2 * (Count + 1) <= _slots.Length && length <= _arena.Length - ByteCount;

    /// <summary>Empties the table and keeps its memory.</summary>
    public void Clear()
    {
        _slots.AsSpan().Clear();
        (Count, ByteCount) = (0, 0);
    }

    void Grow()
    {
        var slots = Math.Max(16, 2 * _slots.Length);
        Array.Resize(ref _entries, slots / 2);
        _slots = new int[slots];
        for (var index = 0; index < Count; index++)
        {
            Place(index);
        }
    }

    void Place(int index)
    {
        var mask = _slots.Length - 1;
        var slot = (int)_entries[index].Hash & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = index + 1;
    }

    struct Entry
    {
        public ulong Hash;
        public long Count;
        public int Start;
        public int Length;
    }
}

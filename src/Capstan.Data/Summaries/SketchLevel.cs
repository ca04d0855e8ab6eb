namespace Capstan.Data;

/// <summary>
/// One level of a <see cref="QuantileSketch"/>: each of its values stands for 2^level observed values. Level 0 collects
/// values as they come; the levels above are always sorted.
/// </summary>
sealed class SketchLevel
{
    double[] _values = [];

    public SketchLevel()
    {
    }

    public SketchLevel(long compactions, ReadOnlySpan<ulong> bits)
    {
        Compactions = compactions;
        var room = Reserve(bits.Length);
        for (var index = 0; index < bits.Length; index++)
        {
            room[index] = BitConverter.UInt64BitsToDouble(bits[index]);
        }

        Count = bits.Length;
    }

    public int Count { get; set; }

    /// <summary>How often this level was halved; merging adds it up.</summary>
    public long Compactions { get; private set; }

    public IEnumerable<double> Values => _values.Take(Count);

    public ReadOnlySpan<double> Span => _values.AsSpan(0, Count);

    /// <summary>Room for more values behind the present ones.</summary>
    public Span<double> Reserve(int more)
    {
        if (Count + more > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(Count + more, 2 * _values.Length));
        }

        return _values.AsSpan(Count);
    }

    /// <summary>Sorted finite numbers between both; trivially so without any.</summary>
    public bool IsWithin(double min, double max)
    {
        var before = min;
        foreach (var value in Span)
        {
            if (!(value >= before && value <= max))
            {
                return false;
            }

            before = value;
        }

        return true;
    }

    public void Absorb(SketchLevel other)
    {
        Compactions += other.Compactions;
        var joined = new double[Count + other.Count];
        Span.CopyTo(joined);
        other.Span.CopyTo(joined.AsSpan(Count));
        joined.AsSpan().Sort();
        (_values, Count) = (joined, joined.Length);
    }

    /// <summary>
    /// Sorts, and moves every second value one level up, where it stands for two. An odd value out stays, the first or the last
    /// by the same bit, so that it pulls to neither side.
    /// </summary>
    public void CompactInto(SketchLevel above, int level)
    {
        var odd = (int)Bit(level);
        Compactions++;
        if (level == 0)
        {
            FiniteSort.Sort(_values.AsSpan(0, Count));
        }

        var leftOver = Count & 1;
        var left = leftOver == 0 ? 0 : odd == 0 ? _values[0] : _values[Count - 1];
        var pairs = _values.AsSpan(leftOver == 1 && odd == 0 ? 1 : 0, Count - leftOver);
        above.MergeEverySecond(pairs[odd..], pairs.Length / 2);
        _values[0] = left;
        Count = leftOver;
    }

    /// <summary>Merges source[0], source[2], … from the back, in place.</summary>
    void MergeEverySecond(ReadOnlySpan<double> source, int taken)
    {
        Reserve(taken);
        var (mine, theirs) = (Count - 1, 2 * (taken - 1));
        var values = _values;
        for (var target = Count + taken - 1; theirs >= 0; target--)
        {
            values[target] = mine >= 0 && values[mine] > source[theirs] ? values[mine--] : Take(source, ref theirs);
        }

        Count += taken;

        static double Take(ReadOnlySpan<double> source, ref int index)
        {
            var value = source[index];
            index -= 2;
            return value;
        }
    }

    /// <summary>
    /// A bit that looks random, and is the opposite of the one before at every second compaction: then their errors cancel.
    /// </summary>
    uint Bit(int level) => (uint)(ValueHash.Mix((ulong)Compactions / 2 * 64 + (ulong)level + 1) & 1 ^ (ulong)Compactions & 1);
}

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

    public SketchLevel(ReadOnlySpan<ulong> bits)
    {
        var room = Reserve(bits.Length);
        for (var index = 0; index < bits.Length; index++)
        {
            room[index] = BitConverter.UInt64BitsToDouble(bits[index]);
        }

        Count = bits.Length;
    }

    public int Count { get; set; }

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

    /// <summary>Takes the values of two levels, in order where <paramref name="isSorted"/> says that they are.</summary>
    public static SketchLevel Join(SketchLevel left, SketchLevel right, bool isSorted)
    {
        var joined = new SketchLevel { _values = new double[left.Count + right.Count], Count = left.Count + right.Count };
        if (!isSorted)
        {
            left.Span.CopyTo(joined._values);
            right.Span.CopyTo(joined._values.AsSpan(left.Count));
            return joined;
        }

        var mine = left.Span;
        var theirs = right.Span;
        var (next, other) = (0, 0);
        for (var target = 0; target < joined.Count; target++)
        {
            joined._values[target] = other == theirs.Length || next < mine.Length && mine[next] <= theirs[other]
                ? mine[next++] : theirs[other++];
        }

        return joined;
    }

    /// <summary>
    /// Sorts, and moves every second value one level up, where it stands for two. An odd value out stays, the first or the last
    /// by the same offset.
    /// </summary>
    /// <param name="offset">
    /// 0: the first of each pair goes up, so a number that parts a pair has one value of this level too many at or below it, any
    /// other none; 1: the second, and it has one too few.
    /// </param>
    public void CompactInto(SketchLevel above, int offset, bool isSorted)
    {
        if (!isSorted)
        {
            FiniteSort.Sort(_values.AsSpan(0, Count));
        }

        var leftOver = Count & 1;
        var left = leftOver == 0 ? 0 : offset == 0 ? _values[0] : _values[Count - 1];
        var pairs = _values.AsSpan(leftOver == 1 && offset == 0 ? 1 : 0, Count - leftOver);
        above.MergeEverySecond(pairs[offset..], pairs.Length / 2);
        Count = leftOver;
        if (leftOver == 1)
        {
            _values[0] = left;
        }
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
}

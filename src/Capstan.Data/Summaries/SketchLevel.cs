using System.Buffers;

namespace Capstan.Data;

/// <summary>
/// One level of a <see cref="QuantileSketch"/>: each of its values stands for 2^level observed values. Level 0 collects
/// values as they come; the levels above are always sorted.
/// </summary>
/// <remarks>
/// Arrays come from the shared pool and go back when a level is emptied: many sketches fill and empty levels by turns, while few levels are
/// full at a time.
/// </remarks>
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
            Resize(Math.Max(Count + more, 2 * _values.Length));
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

    /// <summary>Takes in another level's values, in order where <paramref name="isSorted"/> says that both are.</summary>
    public void Absorb(SketchLevel other, bool isSorted)
    {
        if (isSorted)
        {
            MergeEvery(1, other.Span, other.Count);
            return;
        }

        other.Span.CopyTo(Reserve(other.Count));
        Count += other.Count;
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
        above.MergeEvery(2, pairs[offset..], pairs.Length / 2);
        Count = leftOver;
        if (leftOver == 1)
        {
            _values[0] = left;
        }

        // Level 0 fills again at once. The others may wait for long, in many sketches at a time.
        if (isSorted)
        {
            Resize(leftOver);
        }
    }

    void Resize(int capacity)
    {
        var old = _values;
        _values = capacity == 0 ? [] : ArrayPool<double>.Shared.Rent(capacity);
        old.AsSpan(0, Count).CopyTo(_values);
        if (old.Length > 0)
        {
            ArrayPool<double>.Shared.Return(old);
        }
    }

    /// <summary>Merges source[0], source[step], … from the back, in place.</summary>
    void MergeEvery(int step, ReadOnlySpan<double> source, int taken)
    {
        Reserve(taken);
        var (mine, theirs) = (Count - 1, step * (taken - 1));
        var values = _values;
        for (var target = Count + taken - 1; theirs >= 0; target--)
        {
            if (mine >= 0 && values[mine] > source[theirs])
            {
                values[target] = values[mine--];
            }
            else
            {
                values[target] = source[theirs];
                theirs -= step;
            }
        }

        Count += taken;
    }
}

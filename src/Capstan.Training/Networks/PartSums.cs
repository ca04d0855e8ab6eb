using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// An array of sums over a batch's parts, in the order of <see cref="PartTree"/>. Parts, or nodes of the tree, come in ascending order; the sums of those that
/// have to wait for others are kept aside, one array for each level at most.
/// </summary>
/// <param name="length">Of the array, as long as <see cref="Begin(int)"/> says nothing else.</param>
/// <remarks>The lowest sum, and in the end the only one, lies in an array of the caller's, the same at every call.</remarks>
sealed class PartSums(int length)
{
    readonly List<AlignedBuffer> _above = [];
    readonly int[] _parts = new int[33];
    int _length = length;

    /// <summary>How many sums there are.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all sums.</summary>
    public void Begin() => Count = 0;

    /// <summary>Forgets all sums, and goes on with those of an array of another length.</summary>
    public void Begin(int length) => (Count, _length) = (0, length);

    /// <summary>A part that one of the sums holds, by its place from the lowest on.</summary>
    public int PartOf(int place) => _parts[place];

    /// <summary>One of the sums, by its place.</summary>
    public Span<float> SumOf(int place, Span<float> lowest) => At(lowest, place);

    /// <summary>Finds the place of the next node's sum.</summary>
    /// <param name="lowest">[length], the caller's.</param>
    /// <param name="part">The node's first; after all that have come.</param>
    /// <param name="level">Of the node.</param>
    /// <param name="isAdded">Whether the node's sum is to be added to what is in that place; else it takes the place of what is there.</param>
    public Span<float> Next(Span<float> lowest, int part, int level, out bool isAdded)
    {
        isAdded = false;
        if (Count > 0)
        {
            var meeting = PartTree.Meeting(_parts[Count - 1], part);
            while (Count > 1 && PartTree.Meeting(_parts[Count - 2], _parts[Count - 1]) < meeting)
            {
                Join(lowest);
            }

            // Both are halves of one node.
            isAdded = meeting == level;
        }

        if (!isAdded)
        {
            _parts[Count++] = part;
        }

        return At(lowest, Count - 1);
    }

    /// <summary>Puts a node's sum into the place that was found for it.</summary>
    public static void Put(ReadOnlySpan<float> sum, Span<float> place, bool isAdded)
    {
        if (isAdded)
        {
            ElementKernels.Add(sum, place);
        }
        else
        {
            sum.CopyTo(place);
        }
    }

    /// <summary>Adds up what is still apart.</summary>
    public void Finish(Span<float> lowest)
    {
        while (Count > 1)
        {
            Join(lowest);
        }
    }

    void Join(Span<float> lowest)
    {
        ElementKernels.Add(At(lowest, Count - 1), At(lowest, Count - 2));
        Count--;
    }

    Span<float> At(Span<float> lowest, int place)
    {
        if (place == 0)
        {
            return lowest;
        }

        if (_above.Count < place)
        {
            _above.Add(new AlignedBuffer(_length));
        }
        else if (_above[place - 1].Length < _length)
        {
            _above[place - 1] = new AlignedBuffer(_length); // what it held is of an array before
        }

        return _above[place - 1].Span[.._length];
    }
}

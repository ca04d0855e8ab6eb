using Capstan.Data;

namespace Capstan.Training;

/// <summary>The highest of one row's sums, which lie one above the other.</summary>
/// <param name="Slot">Where it lies among <see cref="WaitingSums"/>; −1 for the lowest, which lies in its table.</param>
/// <param name="Part">Any that it holds.</param>
readonly record struct RowTop(int Slot, int Part);

/// <summary>
/// Of the rows of a table the sums that wait for others before they can be added to what is below them: <see cref="PartSums"/> for rows of which each
/// occurs in some parts only. Cost follows the rows that occur, not the levels of the tree.
/// </summary>
/// <param name="dimension">Numbers of a row.</param>
sealed class WaitingSums(int dimension)
{
    float[] _values = [];

    // What is below each slot; of a free one, the next free one.
    RowTop[] _below = [];
    int _end;
    int _free = -1;
    int _count;

    /// <summary>Whether any row has sums that wait.</summary>
    public bool Any => _count > 0;

    public void Clear() => (_end, _free, _count) = (0, -1, 0);

    /// <summary>Finds the place of what a part, or a node, adds to a row.</summary>
    /// <param name="lowest">[dimension]: where the row's lowest sum is.</param>
    /// <param name="level">Of the node; −1 for one of several rows of a part.</param>
    /// <param name="isAdded">Whether it is to be added to what is in that place; else it takes the place of what is there.</param>
    public Span<float> Next(ref RowTop top, Span<float> lowest, int part, int level, out bool isAdded)
    {
        if (top.Part == part)
        {
            isAdded = true;
            return At(top.Slot, lowest);
        }

        var meeting = PartTree.Meeting(top.Part, part);
        while (top.Slot >= 0 && PartTree.Meeting(_below[top.Slot].Part, top.Part) < meeting)
        {
            Join(ref top, lowest);
        }

        isAdded = meeting == level;
        return isAdded ? At(top.Slot, lowest) : Above(ref top, part);
    }

    /// <summary>Makes room for a sum above a row's highest.</summary>
    public Span<float> Above(ref RowTop top, int part)
    {
        var slot = Take();
        _below[slot] = top;
        top = new RowTop(slot, part);
        return At(slot, []);
    }

    /// <summary>Adds a row's highest sum to the one below; there has to be one.</summary>
    public void Join(ref RowTop top, Span<float> lowest)
    {
        var (slot, below) = (top.Slot, _below[top.Slot]);
        ElementKernels.Add(At(slot, lowest), At(below.Slot, lowest));
        _below[slot] = new RowTop(_free, 0);
        (_free, top) = (slot, below);
        _count--;
    }

    int Take()
    {
        _count++;
        if (_free >= 0)
        {
            var slot = _free;
            _free = _below[slot].Slot;
            return slot;
        }

        if (_end == _below.Length)
        {
            Array.Resize(ref _below, Math.Max(256, 2 * _end));
            Array.Resize(ref _values, checked(_below.Length * dimension));
        }

        return _end++;
    }

    Span<float> At(int slot, Span<float> lowest) => slot < 0 ? lowest : _values.AsSpan(slot * dimension, dimension);
}

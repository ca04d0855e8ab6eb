using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>Where the gradients of some parts of a batch, a node of <see cref="PartTree"/>, go while a push is read.</summary>
/// <param name="dense">Of all dense blocks of the shard.</param>
/// <param name="isAdded">Whether to those that are there; else they take their place.</param>
readonly ref struct NodeSums(Span<float> dense, bool isAdded, int firstPart, int level)
{
    readonly Span<float> _dense = dense;

    public int FirstPart { get; } = firstPart;

    public int Level { get; } = level;

    /// <summary>Takes gradients of some of the dense parameters.</summary>
    public void Take(ReadOnlySpan<float> gradients, int offset) => PartSums.Put(gradients, _dense.Slice(offset, gradients.Length), isAdded);

    /// <summary>There are none: all are 0.</summary>
    public void TakeNone()
    {
        if (!isAdded)
        {
            _dense.Clear();
        }
    }
}

using System.Numerics;

namespace Capstan.Training;

/// <summary>
/// The order in which sums over a batch's parts are put together: that of a binary tree over the parts' indices. A node of level l
/// holds the parts from a multiple of 2ˡ up to the next, as many of them as there are; its sum is that of its left half plus that of its right half.
/// </summary>
/// <remarks>
/// So a sum follows from the batch alone, and whoever has all parts of a node can hand on one sum of them. Where a half has nothing to add, the
/// other half's sum stands for both. Source of the tree's shape: pairwise summation, N. Higham, "The accuracy of floating point summation", SIAM J. Sci. Comput. 14, 1993.
/// </remarks>
static class PartTree
{
    /// <summary>The level of the smallest node that holds two different parts, less 1: where their sums meet.</summary>
    public static int Meeting(int one, int other) => BitOperations.Log2((uint)(one ^ other));

    /// <summary>The level of a node of so many parts.</summary>
    /// <param name="count">From 1; no power of two where the batch ends within the node.</param>
    public static int LevelOf(int count) => count == 1 ? 0 : BitOperations.Log2((uint)(count - 1)) + 1;

    /// <summary>How many parts the largest node has that begins at a part and reaches no further than a run does.</summary>
    /// <param name="end">Of the run; beyond <paramref name="first"/>.</param>
    /// <param name="parts">Of the batch, at least <paramref name="end"/>.</param>
    public static int NodeAt(int first, int end, int parts)
    {
        var level = first == 0 ? 30 : BitOperations.TrailingZeroCount(first);
        while (Math.Min(parts, first + (1L << level)) > end)
        {
            level--;
        }

        return (int)Math.Min(parts - first, 1L << level);
    }

    /// <summary>Whether some parts of a batch are all that a node holds.</summary>
    public static bool IsNode(int first, int count, int parts) =>
        first >= 0 && count >= 1 && first <= parts - count && NodeAt(first, first + count, parts) == count;
}

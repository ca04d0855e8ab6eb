using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Buckets by binary search; missing numbers get the category after the last bucket. The search runs level by level over the
/// whole tile and without branches on data, so that the rows' searches overlap instead of waiting for each other.
/// </summary>
sealed class BucketizeOp : Op
{
    readonly int _operand;
    readonly int _result;
    readonly int _missing;
    readonly int _levels;

    // Padded with +∞, which no number reaches, to 2^levels − 1.
    readonly double[] _boundaries;

    public BucketizeOp(double[] boundaries, int operand, int result)
    {
        (_operand, _result, _missing) = (operand, result, boundaries.Length + 1);
        _levels = BitOperations.Log2((uint)boundaries.Length) + (boundaries.Length > 0 ? 1 : 0);
        _boundaries = new double[(1 << _levels) - 1];
        Array.Fill(_boundaries, double.PositiveInfinity);
        boundaries.CopyTo(_boundaries, 0);
    }

    public override void Run(Frame frame)
    {
        var x = frame.Number(_operand);
        var counts = frame.Categories[_result].AsSpan(0, x.Length);
        counts.Clear();
        for (var level = _levels - 1; level >= 0; level--)
        {
            var below = (1 << level) - 1;
            for (var row = 0; row < x.Length; row++)
            {
                counts[row] += Unsafe.BitCast<bool, byte>(_boundaries[counts[row] + below] <= x[row]) << level;
            }
        }

        for (var row = 0; row < x.Length; row++)
        {
            counts[row] = double.IsNaN(x[row]) ? _missing : counts[row];
        }
    }
}

sealed class LookupOp(TermTable terms, int unknownBuckets, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Categories[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? CategoryOf(x[row]) : terms.Count + unknownBuckets;
        }
    }

    int CategoryOf(ReadOnlySpan<byte> text)
    {
        var index = terms.IndexOf(text);
        return index >= 0 ? index
            : unknownBuckets == 1 ? terms.Count
            : terms.Count + (int)(MurmurHash3.Hash32(text, 0) % (uint)unknownBuckets);
    }
}

sealed class HashOp(int buckets, uint seed, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Categories[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? (int)(MurmurHash3.Hash32(x[row], seed) % (uint)buckets) : buckets;
        }
    }
}

sealed class CrossOp(CrossNumbering numbering, ImmutableArray<int> operands, int result) : Op
{
    public override void Run(Frame frame)
    {
        var values = frame.Categories[result];
        for (var row = 0; row < frame.Count; row++)
        {
            long key = frame.Categories[operands[0]][row];
            for (var index = 1; index < operands.Length; index++)
            {
                key = numbering.Append(key, index, frame.Categories[operands[index]][row]);
            }

            values[row] = numbering.Finish(key);
        }
    }
}

/// <summary>Buckets by binary search among the boundaries of the row's category.</summary>
/// <param name="boundaries">By category.</param>
sealed class BucketizeByOp(double[][] boundaries, int operand, int category, int result) : Op
{
    readonly int _missing = boundaries.Max(each => each.Length) + 1;

    public override void Run(Frame frame)
    {
        var (x, categories, values) = (frame.Numbers[operand], frame.Categories[category], frame.Categories[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = double.IsNaN(x[row]) ? _missing : BucketOf(boundaries[categories[row]], x[row]);
        }
    }

    /// <summary>How many boundaries do not exceed x.</summary>
    static int BucketOf(double[] boundaries, double x)
    {
        var found = Array.BinarySearch(boundaries, x);
        return found >= 0 ? found + 1 : ~found;
    }
}

/// <summary>The number at the category's place.</summary>
sealed class PickOp(double[] numbers, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (categories, values) = (frame.Categories[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = numbers[categories[row]];
        }
    }
}

using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Buckets by binary search; missing numbers get the category after the last bucket.</summary>
sealed class BucketizeOp(double[] boundaries, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Numbers[operand], frame.Categories[result]);
        var missing = boundaries.Length + 1;
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = double.IsNaN(x[row]) ? missing : CountAtMost(x[row]);
        }
    }

    /// <summary>How many boundaries are ≤ x. Without branches that depend on the data: mispredicted ones would cost more than the search.</summary>
    int CountAtMost(double x)
    {
        var first = 0;
        var length = boundaries.Length;
        while (length > 0)
        {
            var half = length >> 1;
            var right = boundaries[first + half] <= x;
            first += right ? half + 1 : 0;
            length = right ? length - half - 1 : half;
        }

        return first;
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

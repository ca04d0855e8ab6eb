using System.Collections.Immutable;

namespace Capstan.Parameters;

/// <summary>How a block of parameters is pulled and pushed.</summary>
enum BlockKind : byte
{
    /// <summary>As a whole.</summary>
    Dense = 1,

    /// <summary>By rows, those that are needed.</summary>
    Keyed = 2,
}

/// <summary>By what a block's parameters move.</summary>
enum BlockRule : byte
{
    /// <summary>The network's optimizer, along the gradient of the batch's mean loss.</summary>
    Network = 1,

    /// <summary>FTRL-Proximal, along the sum of the batch's gradients (<see cref="Training.WideOptions"/>).</summary>
    Ftrl = 2,

    /// <summary>As <see cref="Ftrl"/>, free of λ₁ and λ₂.</summary>
    FtrlOfBias = 3,

    /// <summary>Not by the server: workers hand in what parameters have become.</summary>
    Replace = 4,
}

/// <summary>A matrix of parameters, [rows × width]; a row is never cut.</summary>
/// <param name="HasPenalty">Whether the network's L2 penalty is on it.</param>
readonly record struct BlockSpec(BlockKind Kind, BlockRule Rule, int Rows, int Width, bool HasPenalty)
{
    public long Length => (long)Rows * Width;
}

/// <summary>The rows of a block that one shard holds.</summary>
/// <param name="Block">The block's index in the job.</param>
readonly record struct BlockSlice(int Block, int FirstRow, int Rows)
{
    public int EndRow => FirstRow + Rows;
}

/// <summary>Cuts all parameters, block after block, into contiguous ranges of about the same length.</summary>
static class KeyRanges
{
    /// <returns>For each shard the slices that it holds, in the blocks' order; a shard of a small model may hold none.</returns>
    public static ImmutableArray<ImmutableArray<BlockSlice>> Cut(ReadOnlySpan<BlockSpec> blocks, int shards)
    {
        var total = 0L;
        foreach (var block in blocks)
        {
            total += block.Length;
        }

        var ranges = ImmutableArray.CreateBuilder<ImmutableArray<BlockSlice>>(shards);
        var (at, row, done) = (0, 0, 0L);
        for (var shard = 0; shard < shards; shard++)
        {
            var end = (long)((Int128)total * (shard + 1) / shards);
            var slices = ImmutableArray.CreateBuilder<BlockSlice>();
            while (at < blocks.Length && (done < end || shard == shards - 1))
            {
                var block = blocks[at];
                var wanted = shard == shards - 1 ? block.Rows : (end - done + block.Width / 2) / block.Width;
                var rows = (int)Math.Min(block.Rows - row, wanted);
                if (rows == 0)
                {
                    break;
                }

                slices.Add(new BlockSlice(at, row, rows));
                done += (long)rows * block.Width;
                row += rows;
                if (row == block.Rows)
                {
                    (at, row) = (at + 1, 0);
                }
            }

            ranges.Add(slices.ToImmutable());
        }

        return ranges.MoveToImmutable();
    }
}

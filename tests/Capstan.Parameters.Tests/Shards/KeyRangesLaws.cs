using Capstan.Data;

namespace Capstan.Parameters.Tests;

public sealed class KeyRangesLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_row_is_in_one_shard_and_shards_are_about_as_long(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var blocks = Enumerable.Range(0, 1 + random.NextInt32(6))
                .Select(_ => new BlockSpec(BlockKind.Dense, BlockRule.Network, 1 + random.NextInt32(400), 1 + random.NextInt32(40), false)).ToArray();
            var shards = 1 + random.NextInt32(9);
            var ranges = KeyRanges.Cut(blocks, shards);
            Assert.Equal(shards, ranges.Length);
            var (block, row) = (0, 0);
            foreach (var slice in ranges.SelectMany(range => range))
            {
                Assert.Equal((block, row), (slice.Block, slice.FirstRow));
                Assert.InRange(slice.Rows, 1, blocks[block].Rows - row);
                (block, row) = slice.EndRow == blocks[block].Rows ? (block + 1, 0) : (block, slice.EndRow);
            }

            Assert.Equal((blocks.Length, 0), (block, row));
            var (fair, widest) = (blocks.Sum(each => each.Length) / (double)shards, blocks.Max(each => each.Width));
            Assert.All(ranges, range => Assert.InRange(range.Sum(slice => slice.Rows * blocks[slice.Block].Width), fair - widest - 1, fair + widest + 1));
        }
    }
}

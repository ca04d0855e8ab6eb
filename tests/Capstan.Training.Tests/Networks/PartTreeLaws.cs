using Capstan.Data;

namespace Capstan.Training.Tests.Networks;

/// <summary>However a batch's parts are cut into nodes, their sums come to the same bits: those of the tree, by recursion.</summary>
public sealed class PartTreeLaws
{
    public static TheoryData<int> PartCounts => [1, 2, 3, 4, 7, 8, 11, 16, 31, 64, 100];

    [Theory]
    [MemberData(nameof(PartCounts))]
    public void A_run_of_parts_is_a_few_nodes_and_all_parts_are_one(int parts)
    {
        Assert.Equal(parts, PartTree.NodeAt(0, parts, parts));
        for (var first = 0; first < parts; first++)
        {
            for (var end = first + 1; end <= parts; end++)
            {
                var (at, nodes) = (first, 0);
                while (at < end)
                {
                    var count = PartTree.NodeAt(at, end, parts);
                    Assert.True(PartTree.IsNode(at, count, parts));
                    (at, nodes) = (at + count, nodes + 1);
                }

                Assert.Equal(end, at);
                Assert.InRange(nodes, 1, 2 * PartTree.LevelOf(parts) + 1);
            }
        }
    }

    [Theory]
    [InlineData(0, 3, 8)]
    [InlineData(1, 2, 8)]
    [InlineData(2, 4, 8)]
    [InlineData(6, 3, 8)]
    [InlineData(-4, 4, 8)]
    [InlineData(0, 0, 8)]
    [InlineData(int.MaxValue, 2, 8)]
    public void Other_runs_are_no_nodes(int first, int count, int parts) => Assert.False(PartTree.IsNode(first, count, parts));

    [Theory]
    [MemberData(nameof(PartCounts))]
    public void Any_cut_into_nodes_gives_the_trees_bits(int parts)
    {
        var random = new SeededRandom((ulong)parts);
        var values = Enumerable.Range(0, parts).Select(_ => new[] { Number(random), Number(random), Number(random) }).ToArray();
        var sums = new PartSums(3);
        for (var round = 0; round < 50; round++)
        {
            var lowest = new float[3];
            sums.Begin();
            foreach (var (first, count) in Cut(parts, random))
            {
                var node = TreeSum(values, first, PartTree.LevelOf(count))!; // it has parts
                var target = sums.Next(lowest, first, PartTree.LevelOf(count), out var isAdded);
                for (var index = 0; index < 3; index++)
                {
                    target[index] = isAdded ? target[index] + node[index] : node[index];
                }
            }

            sums.Finish(lowest);
            Assert.Equal(TreeSum(values, 0, PartTree.LevelOf(parts)), lowest);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(11, 1)]
    [InlineData(16, 3)]
    [InlineData(100, 1)]
    public void So_do_rows_that_occur_in_some_parts_only(int parts, int dimension)
    {
        const int Cardinality = 20, PartRows = 5;
        var random = new SeededRandom((ulong)(parts + dimension));
        var whole = new EmbeddingTable(Cardinality, dimension, 0, Optimizer.Create(new DnnOptions(), Cardinality * dimension));
        var server = new EmbeddingTable(Cardinality, dimension, 0, Optimizer.Create(new DnnOptions(), Cardinality * dimension));
        var worker = new EmbeddingTable(Cardinality, dimension, 0, Optimizer.Create(new DnnOptions(), Cardinality * dimension));
        for (var batch = 0; batch < 30; batch++)
        {
            // In the first parts the same ones occur, which are added up together.
            var alike = PartRows * random.NextInt32(parts + 1);
            var categories = Enumerable.Range(0, parts * PartRows)
                .Select(row => row < alike ? row % PartRows : Math.Min(random.NextInt32(Cardinality), random.NextInt32(Cardinality))).ToArray();
            var gradients = categories.SelectMany(_ => Enumerable.Range(0, dimension).Select(_ => Number(random))).ToArray();
            Learn(whole, 0, parts);
            server.Begin(categories.Length);
            foreach (var (first, count) in Cut(parts, random))
            {
                Learn(worker, first, first + count);
                server.AddSums(
                    worker.Touched, MatrixSpan.RowMajor(worker.Gradients.ToArray(), worker.Touched.Length, dimension, dimension), first, PartTree.LevelOf(count));
            }

            server.Finish();
            Assert.Equal(whole.Touched.ToArray(), server.Touched.ToArray());
            Assert.Equal(categories.Distinct(), whole.Touched.ToArray());
            Assert.Equal(whole.Gradients.ToArray(), server.Gradients.ToArray());
            foreach (var category in categories.Distinct())
            {
                Assert.Equal(TreeSum(PartsOf(category), 0, PartTree.LevelOf(parts)), whole.GradientOf(category).ToArray());
            }

            void Learn(EmbeddingTable table, int firstPart, int endPart)
            {
                table.Begin(categories.Length);
                for (var part = firstPart; part < endPart; part++)
                {
                    table.AddGradients(
                        categories.AsSpan(part * PartRows, PartRows),
                        MatrixSpan.RowMajor(gradients.AsSpan(part * PartRows * dimension, PartRows * dimension), PartRows, dimension, dimension), 0, part);
                }

                table.Finish();
            }

            // By part, the sum of a category's rows in their order; null where it does not occur.
            float[]?[] PartsOf(int category) => [.. Enumerable.Range(0, parts).Select(part =>
            {
                float[]? sum = null;
                for (var row = part * PartRows; row < (part + 1) * PartRows; row++)
                {
                    var one = gradients.AsSpan(row * dimension, dimension).ToArray();
                    sum = categories[row] != category ? sum : sum is null ? one : [.. sum.Zip(one, (left, right) => left + right)];
                }

                return sum;
            })];
        }
    }

    // By recursion, over those that are there.
    static float[]? TreeSum(float[]?[] parts, int first, int level)
    {
        if (first >= parts.Length)
        {
            return null;
        }

        if (level == 0)
        {
            return parts[first];
        }

        var (left, right) = (TreeSum(parts, first, level - 1), TreeSum(parts, first + (1 << (level - 1)), level - 1));
        return left is null ? right : right is null ? left : [.. left.Zip(right, (one, other) => one + other)];
    }

    static List<(int First, int Count)> Cut(int parts, SeededRandom random)
    {
        var cut = new List<(int, int)>();
        for (var first = 0; first < parts;)
        {
            var count = PartTree.NodeAt(first, first + 1 + random.NextInt32(parts - first), parts);
            cut.Add((first, count));
            first += count;
        }

        return cut;
    }

    // Of very different sizes, so that other orders give other bits.
    static float Number(SeededRandom random) => (float)(random.NextNormal() * Math.Exp(4 * random.NextNormal()));
}

using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan.Models.Tests.Trees;

/// <summary>Trees that ask for random features at random, and rows for them.</summary>
static class RandomTrees
{
    /// <param name="trees">As many with up to <paramref name="leaves"/> leaves, and one more of a single leaf.</param>
    public static TreeEnsemble Of(FeatureLayout features, int trees, int leaves, Random random)
    {
        var splitCounts = ImmutableArray.CreateBuilder<int>();
        var nodes = ImmutableArray.CreateBuilder<SplitNode>();
        var (offsets, words) = (new List<int> { 0 }, new List<uint>());
        for (var tree = 0; tree < trees; tree++)
        {
            var splits = random.Next(1, leaves);
            Grow(splits, nodes.Count, nodes.Count + tree);
            splitCounts.Add(splits);
        }

        splitCounts.Add(0);
        var count = nodes.Count + splitCounts.Count;
        return new TreeEnsemble(
            features, splitCounts.ToImmutable(), nodes.ToImmutable(), [.. nodes.Select(_ => random.NextSingle())],
            new CategorySets([.. offsets], [.. words]), [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)],
            [.. Enumerable.Range(0, count).Select(_ => random.Next(1, 100))]);

        // As LightGBM numbers them: split after split of a leaf; the left half keeps the leaf's number.
        void Grow(int splits, int firstNode, int firstLeaf)
        {
            var grown = new SplitNode[splits];
            var parents = new List<(int Node, bool Left)> { (-1, false) };
            for (var split = 0; split < splits; split++)
            {
                var leaf = random.Next(parents.Count);
                if (parents[leaf] is { Node: >= 0 } parent)
                {
                    var node = grown[parent.Node];
                    grown[parent.Node] = parent.Left ? node with { Left = firstNode + split } : node with { Right = firstNode + split };
                }

                grown[split] = Ask(~(firstLeaf + leaf), ~(firstLeaf + split + 1));
                parents[leaf] = (split, true);
                parents.Add((split, false));
            }

            nodes.AddRange(grown);
        }

        SplitNode Ask(int left, int right)
        {
            var feature = random.Next(features.Numerics.Length + features.Categories.Length);
            if (feature < features.Numerics.Length)
            {
                return SplitNode.AtMost(feature, random.NextDouble() * 4 - 2, left, right);
            }

            var cardinality = features.Categories[feature - features.Numerics.Length].Cardinality;
            var set = new uint[random.Next(1, (cardinality + 31) / 32 + 1)];
            Array.ForEach([.. Enumerable.Range(0, set.Length)], word => set[word] = (uint)random.NextInt64(1L << 32));
            words.AddRange(set);
            offsets.Add(words.Count);
            return SplitNode.InSet(feature, offsets.Count - 2, left, right);
        }
    }

    public static FeatureBuffer Rows(FeatureLayout features, int count, Random random)
    {
        var rows = new FeatureBuffer(features);
        rows.Resize(count);
        for (var index = 0; index < features.Numerics.Length; index++)
        {
            foreach (ref var value in rows.Numeric(index))
            {
                value = random.NextSingle() * 4 - 2;
            }
        }

        for (var index = 0; index < features.Categories.Length; index++)
        {
            foreach (ref var category in rows.Category(index))
            {
                category = random.Next(features.Categories[index].Cardinality);
            }
        }

        return rows;
    }
}

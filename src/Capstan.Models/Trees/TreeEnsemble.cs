using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Decision trees whose leaves add up, as flat arrays. Tree t has <c>SplitCounts[t]</c> nodes and one leaf more; nodes and leaves of
/// all trees lie one after another in the order of the trees, a tree's root first. Immutable.
/// </summary>
/// <remarks>
/// The constructor checks all that walking down a tree relies on: children lie behind their parents and within their tree,
/// features and category sets exist. So a walk ends, and stays within the arrays, without further checks.
/// </remarks>
public sealed class TreeEnsemble
{
    /// <param name="splitCounts">[trees] nodes of each tree; 0 for a tree that is one leaf.</param>
    /// <param name="nodes">[Σ splitCounts]; children are numbered over the nodes and leaves of all trees.</param>
    /// <param name="gains">[nodes] how much each split lowered the training objective, finite.</param>
    /// <param name="categorySets">What nodes on categories ask for.</param>
    /// <param name="leafValues">[nodes + trees], finite.</param>
    /// <param name="leafCovers">[nodes + trees] training rows in each leaf, at least 1.</param>
    /// <exception cref="ArgumentException">The arrays make no trees over these features.</exception>
    public TreeEnsemble(
        FeatureLayout features,
        ImmutableArray<int> splitCounts,
        ImmutableArray<SplitNode> nodes,
        ImmutableArray<float> gains,
        CategorySets categorySets,
        ImmutableArray<double> leafValues,
        ImmutableArray<int> leafCovers)
    {
        var total = 0L;
        foreach (var count in splitCounts)
        {
            Check(count >= 0, $"a tree has {count} splits");
            total += count;
        }

        Check(total == nodes.Length, $"the trees have {total:N0} splits in all, and there are {nodes.Length:N0} nodes");
        Check(gains.Length == nodes.Length, $"{gains.Length:N0} gains were given for {nodes.Length:N0} nodes");
        var leaves = total + splitCounts.Length;
        Check(leafValues.Length == leaves, $"{leafValues.Length:N0} leaf values were given for {leaves:N0} leaves");
        Check(leafCovers.Length == leaves, $"{leafCovers.Length:N0} leaf covers were given for {leaves:N0} leaves");
        Check(gains.All(float.IsFinite), "a gain is not finite");
        Check(leafValues.All(double.IsFinite), "a leaf value is not finite");
        Check(leafCovers.All(cover => cover > 0), "a leaf covers no row");
        (Features, SplitCounts, Nodes, Gains) = (features, splitCounts, nodes, gains);
        (CategorySets, LeafValues, LeafCovers) = (categorySets, leafValues, leafCovers);
        var first = 0;
        for (var tree = 0; tree < splitCounts.Length; tree++)
        {
            CheckTree(tree, first);
            first += splitCounts[tree];
        }
    }

    public FeatureLayout Features { get; }

    public int TreeCount => SplitCounts.Length;

    public ImmutableArray<int> SplitCounts { get; }

    public ImmutableArray<SplitNode> Nodes { get; }

    public ImmutableArray<float> Gains { get; }

    public CategorySets CategorySets { get; }

    public ImmutableArray<double> LeafValues { get; }

    public ImmutableArray<int> LeafCovers { get; }

    /// <summary>Where each tree starts: a node, or the complement of a leaf for a tree that is one leaf.</summary>
    public int[] Roots()
    {
        var roots = new int[TreeCount];
        var first = 0;
        for (var tree = 0; tree < roots.Length; tree++)
        {
            roots[tree] = SplitCounts[tree] > 0 ? first : ~(first + tree);
            first += SplitCounts[tree];
        }

        return roots;
    }

    /// <summary>
    /// How much each feature contributes to all trees: the sum of its splits' gains and their number, for numeric features first, then
    /// categories.
    /// </summary>
    public ImmutableArray<FeatureImportance> Importances()
    {
        FeatureSpec[] specs = [.. Features.Numerics, .. Features.Categories];
        var (gains, splits) = (new double[specs.Length], new int[specs.Length]);
        for (var node = 0; node < Nodes.Length; node++)
        {
            gains[Nodes[node].Feature] += Gains[node];
            splits[Nodes[node].Feature]++;
        }

        return [.. specs.Select((spec, index) => new FeatureImportance(spec.Name, gains[index], splits[index]))];
    }

    void CheckTree(int tree, int first)
    {
        var numerics = Features.Numerics.Length;
        var (last, firstLeaf) = (first + SplitCounts[tree] - 1, first + tree);
        for (var index = first; index <= last; index++)
        {
            var node = Nodes[index];
            var known = (uint)node.Feature < (uint)(numerics + Features.Categories.Length);
            Check(known, $"node {index:N0} asks for feature {node.Feature}");
            Check(
                node.Feature < numerics ? !float.IsNaN(node.Threshold) : (uint)node.Operand < (uint)CategorySets.Count,
                $"node {index:N0} has no threshold or set of categories");
            CheckChild(index, node.Left);
            CheckChild(index, node.Right);
        }

        void CheckChild(int parent, int child) => Check(
            child >= 0 ? child > parent && child <= last : ~child >= firstLeaf && ~child <= last + 1 + tree,
            $"node {parent:N0} has the child {child:N0}");
    }

    static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ArgumentException($"These are no decision trees over the features: {problem}.");
        }
    }
}

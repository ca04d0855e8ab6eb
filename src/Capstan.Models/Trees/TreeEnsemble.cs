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
    /// <param name="missingValues">
    /// [numeric features] the value that stands for a missing one, NaN where none does; empty where there are none at all.
    /// </param>
    /// <exception cref="ArgumentException">The arrays make no trees over these features.</exception>
    public TreeEnsemble(
        FeatureLayout features,
        ImmutableArray<int> splitCounts,
        ImmutableArray<SplitNode> nodes,
        ImmutableArray<float> gains,
        CategorySets categorySets,
        ImmutableArray<double> leafValues,
        ImmutableArray<int> leafCovers,
        ImmutableArray<float> missingValues = default)
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
        MissingValues = missingValues.IsDefault ? [] : missingValues;
        Check(
            MissingValues.IsEmpty || MissingValues.Length == features.Numerics.Length,
            $"{MissingValues.Length} missing values were given for {features.Numerics.Length} numeric features");
        var first = 0;
        for (var tree = 0; tree < splitCounts.Length; tree++)
        {
            CheckTree(tree, first);
            first += splitCounts[tree];
        }
    }

    /// <summary>One tree for each score that is a leaf alone: a constant.</summary>
    public static TreeEnsemble Constant(FeatureLayout features, params ReadOnlySpan<double> values)
    {
        int[] ones = [.. Enumerable.Repeat(1, values.Length)];
        return new TreeEnsemble(features, [.. new int[values.Length]], [], [], CategorySets.None, [.. values], [.. ones]);
    }

    public FeatureLayout Features { get; }

    public int TreeCount => SplitCounts.Length;

    public ImmutableArray<int> SplitCounts { get; }

    public ImmutableArray<SplitNode> Nodes { get; }

    public ImmutableArray<float> Gains { get; }

    public CategorySets CategorySets { get; }

    public ImmutableArray<double> LeafValues { get; }

    public ImmutableArray<int> LeafCovers { get; }

    /// <summary>
    /// [numeric features] what stands for a missing value; NaN where nothing does. Empty where nothing does in any. Features are never
    /// missing themselves: a value imputed below all others is what trees take for missing.
    /// </summary>
    public ImmutableArray<float> MissingValues { get; }

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
            gains[Nodes[node].Asked] += Gains[node];
            splits[Nodes[node].Asked]++;
        }

        return [.. specs.Select((spec, index) => new FeatureImportance(spec.Name, gains[index], splits[index]))];
    }

    /// <summary>These trees and others over the same features behind them.</summary>
    /// <exception cref="ArgumentException">The others ask for other features.</exception>
    public TreeEnsemble Followed(TreeEnsemble others)
    {
        Check(others.Features.Equals(Features), "those to follow are over other features");
        var (nodes, leaves, sets) = (Nodes.Length, LeafValues.Length, CategorySets.Count);
        var numerics = Features.Numerics.Length;
        var words = CategorySets.Words.Length;
        return new TreeEnsemble(
            Features,
            SplitCounts.AddRange(others.SplitCounts),
            Nodes.AddRange(others.Nodes.Select(node => node with
            {
                Operand = node.Feature < numerics ? node.Operand : node.Operand + sets,
                Left = Moved(node.Left),
                Right = Moved(node.Right),
            })),
            Gains.AddRange(others.Gains),
            new CategorySets(
                CategorySets.Offsets.AddRange(others.CategorySets.Offsets.Skip(1).Select(offset => offset + words)),
                CategorySets.Words.AddRange(others.CategorySets.Words)),
            LeafValues.AddRange(others.LeafValues),
            LeafCovers.AddRange(others.LeafCovers),
            MissingValuesWith(others));

        int Moved(int child) => child >= 0 ? child + nodes : ~(~child + leaves);
    }

    /// <summary>Only the first trees.</summary>
    /// <param name="trees">From 0 to <see cref="TreeCount"/>.</param>
    public TreeEnsemble First(int trees)
    {
        var nodes = SplitCounts.AsSpan(0, trees).ToArray().Sum();
        return trees == TreeCount ? this : new TreeEnsemble(
            Features, SplitCounts[..trees], Nodes[..nodes], Gains[..nodes], CategorySets, LeafValues[..(nodes + trees)],
            LeafCovers[..(nodes + trees)], MissingValues);
    }

    /// <summary>Whether a row goes left at a node.</summary>
    /// <param name="row">[features] numeric features' bits, then categories.</param>
    internal bool GoesLeft(SplitNode node, ReadOnlySpan<int> row)
    {
        if (node.Asked >= Features.Numerics.Length)
        {
            return CategorySets.Contains(node.Operand, row[node.Asked]);
        }

        var value = BitConverter.Int32BitsToSingle(row[node.Asked]);
        return value <= node.Threshold && !(node.SendsMissingRight && value == MissingValues[node.Asked]);
    }

    ImmutableArray<float> MissingValuesWith(TreeEnsemble others)
    {
        if (MissingValues.IsEmpty || others.MissingValues.IsEmpty)
        {
            return MissingValues.IsEmpty ? others.MissingValues : MissingValues;
        }

        return [.. MissingValues.Zip(others.MissingValues, (own, other) =>
        {
            Check(own == other || float.IsNaN(own) || float.IsNaN(other), $"{other} stands for a missing value there, {own} here");
            return float.IsNaN(own) ? other : own;
        })];
    }

    void CheckTree(int tree, int first)
    {
        var numerics = Features.Numerics.Length;
        var (last, firstLeaf) = (first + SplitCounts[tree] - 1, first + tree);
        for (var index = first; index <= last; index++)
        {
            var node = Nodes[index];
            var known = (uint)node.Asked < (uint)(numerics + Features.Categories.Length) && (node.Feature >= 0 || IsMissable(node.Asked));
            Check(known, $"node {index:N0} asks for feature {node.Feature}");
            Check(
                node.Asked < numerics ? !float.IsNaN(node.Threshold) : (uint)node.Operand < (uint)CategorySets.Count,
                $"node {index:N0} has no threshold or set of categories");
            CheckChild(index, node.Left);
            CheckChild(index, node.Right);
        }

        void CheckChild(int parent, int child) => Check(
            child >= 0 ? child > parent && child <= last : ~child >= firstLeaf && ~child <= last + 1 + tree,
            $"node {parent:N0} has the child {child:N0}");
    }

    bool IsMissable(int feature) => feature < MissingValues.Length && !float.IsNaN(MissingValues[feature]);

    static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ArgumentException($"These are no decision trees over the features: {problem}.");
        }
    }
}

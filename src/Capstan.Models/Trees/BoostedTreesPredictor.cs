using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A sum of decision trees: <c>score = Σ leafValues[leaf of the row in tree t]</c>. Immutable; safe to share between threads.
/// </summary>
/// <remarks>
/// The sum runs in double precision in the order of the trees from 0, and is rounded to single precision at the end: to the bit what
/// LightGBM adds up for the same trees. Rows do not meet, so a row's score has the same bits in any batch.
/// </remarks>
public sealed class BoostedTreesPredictor : IPredictor
{
    // Rows that go through a tree together, while its nodes are in the nearest cache.
    const int BlockRows = 64;

    readonly SplitNode[] _nodes;
    readonly double[] _leafValues;
    readonly int[] _roots;
    readonly int _numerics;
    readonly int _width;

    public BoostedTreesPredictor(ModelTask task, TreeEnsemble trees)
    {
        Task = task;
        Trees = trees;
        _nodes = [.. trees.Nodes];
        _leafValues = [.. trees.LeafValues];
        _roots = trees.Roots();
        _numerics = trees.Features.Numerics.Length;
        _width = _numerics + trees.Features.Categories.Length;
    }

    public ModelTask Task { get; }

    public FeatureLayout Features => Trees.Features;

    public TreeEnsemble Trees { get; }

    public PredictorWorkspace CreateWorkspace() => new Workspace(_width);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The lengths or layouts differ, or the workspace is that of another kind of predictor.
    /// </exception>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (scores.Length != features.RowCount)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need as many.", nameof(scores));
        }

        var own = Check(features, workspace);
        for (var first = 0; first < scores.Length; first += BlockRows)
        {
            var sums = own.Sums.AsSpan(0, Math.Min(BlockRows, scores.Length - first));
            AddTrees(features, first, sums, own);
            for (var row = 0; row < sums.Length; row++)
            {
                scores[first + row] = (float)sums[row];
            }
        }
    }

    /// <summary>The sums before they are rounded.</summary>
    /// <param name="sums">[features.RowCount], overwritten.</param>
    internal void AddUp(FeatureBuffer features, Span<double> sums, PredictorWorkspace workspace)
    {
        var own = Check(features, workspace);
        for (var first = 0; first < sums.Length; first += BlockRows)
        {
            AddTrees(features, first, sums.Slice(first, Math.Min(BlockRows, sums.Length - first)), own);
        }
    }

    Workspace Check(FeatureBuffer features, PredictorWorkspace workspace)
    {
        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                "The features are laid out otherwise than in training; use the transform that the model was trained with.",
                nameof(features));
        }

        return workspace is Workspace own && own.Rows.Length == BlockRows * _width ? own : throw new ArgumentException(
            "The workspace is another predictor's; take one from this predictor's CreateWorkspace.", nameof(workspace));
    }

    void AddTrees(FeatureBuffer features, int first, Span<double> sums, Workspace workspace)
    {
        Gather(features, first, sums.Length, workspace.Rows);
        sums.Clear();
        // Bounds are checked once, by the ensemble: every child is a node or leaf of its tree, every feature is in the row.
        ref var nodes = ref MemoryMarshal.GetArrayDataReference(_nodes);
        ref var leaves = ref MemoryMarshal.GetArrayDataReference(_leafValues);
        ref var rows = ref MemoryMarshal.GetArrayDataReference(workspace.Rows);
        foreach (var root in _roots)
        {
            for (var row = 0; row < sums.Length; row++)
            {
                sums[row] += Unsafe.Add(ref leaves, LeafOf(ref Unsafe.Add(ref rows, row * _width), ref nodes, root));
            }
        }
    }

    int LeafOf(ref int row, ref SplitNode nodes, int node)
    {
        var numerics = _numerics;
        while (node >= 0)
        {
            ref var split = ref Unsafe.Add(ref nodes, node);
            var value = Unsafe.Add(ref row, split.Feature);
            var left = split.Feature < numerics
                ? BitConverter.Int32BitsToSingle(value) <= split.Threshold
                : Trees.CategorySets.Contains(split.Operand, value);
            node = left ? split.Left : split.Right;
        }

        return ~node;
    }

    /// <summary>Rows of [numeric features' bits | categories], one after another, out of the buffer's columns.</summary>
    void Gather(FeatureBuffer features, int first, int count, Span<int> rows)
    {
        for (var index = 0; index < _numerics; index++)
        {
            var column = MemoryMarshal.Cast<float, int>(features.Numeric(index).Slice(first, count));
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * _width + index] = column[row];
            }
        }

        for (var index = _numerics; index < _width; index++)
        {
            var column = features.Category(index - _numerics).Slice(first, count);
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * _width + index] = column[row];
            }
        }
    }

    sealed class Workspace(int width) : PredictorWorkspace
    {
        public int[] Rows { get; } = new int[BlockRows * width];

        public double[] Sums { get; } = new double[BlockRows];
    }
}

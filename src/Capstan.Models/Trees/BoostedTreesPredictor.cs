using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Sums of decision trees: <c>scores[k] = offset + Σ leafValues[leaf of the row in tree t]</c> over the trees t whose remainder by the
/// number of scores is k. Immutable; safe to share between threads.
/// </summary>
/// <remarks>
/// The sum runs in double precision in the order of the trees from the offset, 0 without one, and is rounded to single precision at the end: to the bit what
/// LightGBM adds up for the same trees. Rows do not meet, so a row's score has the same bits in any batch.
/// </remarks>
public sealed class BoostedTreesPredictor : IExplainablePredictor
{
    // Rows that go through a tree together, while its nodes are in the nearest cache.
    const int BlockRows = 64;

    readonly SplitNode[] _nodes;
    readonly double[] _leafValues;
    readonly int[] _roots;
    readonly float[] _missingValues;
    readonly int _numerics;
    readonly int _width;

    /// <param name="offsetIndex">The numeric feature that is added to the one score as it is; null for none.</param>
    /// <exception cref="ArgumentException">There are not equally many trees for each score, or there is no such offset.</exception>
    public BoostedTreesPredictor(ModelOutput output, TreeEnsemble trees, int? offsetIndex = null)
    {
        if (offsetIndex is { } index && (output.Width != 1 || (uint)index >= (uint)trees.Features.Numerics.Length))
        {
            throw new ArgumentException(
                $"Numeric feature {index} can't be the offset of {output.Width} scores: one score takes one of the " +
                $"{trees.Features.Numerics.Length} numeric features.", nameof(offsetIndex));
        }

        if (trees.TreeCount % output.Width != 0)
        {
            throw new ArgumentException(
                $"There are {trees.TreeCount:N0} trees for {output.Width} scores; each needs as many as any other.", nameof(trees));
        }

        Output = output;
        Trees = trees;
        OffsetIndex = offsetIndex;
        _nodes = [.. trees.Nodes];
        _leafValues = [.. trees.LeafValues];
        _roots = trees.Roots();
        _missingValues = [.. trees.MissingValues];
        _numerics = trees.Features.Numerics.Length;
        _width = _numerics + trees.Features.Categories.Length;
    }

    public ModelOutput Output { get; }

    public FeatureLayout Features => Trees.Features;

    public TreeEnsemble Trees { get; }

    /// <summary>The numeric feature that every score begins at; null for none.</summary>
    public int? OffsetIndex { get; }

    /// <summary>What each feature did for the trees, the most useful first.</summary>
    public ImmutableArray<FeatureImportance> Importances() =>
        [.. Trees.Importances().OrderByDescending(importance => importance.Gain)];

    /// <summary>Exact Shapley values (<see cref="TreeAttributor"/>), relative to the training rows, whose shares the trees know.</summary>
    public IAttributor CreateAttributor(ReferenceRows reference) => new TreeAttributor(this, reference);

    public PredictorWorkspace CreateWorkspace() => new Workspace(_width, Output.Width);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The lengths or layouts differ, or the workspace is that of another kind of predictor.
    /// </exception>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (scores.Length != (long)features.RowCount * Output.Width)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need {Output.Width} each.", nameof(scores));
        }

        var own = Check(features, workspace);
        for (var first = 0; first < features.RowCount; first += BlockRows)
        {
            var rows = Math.Min(BlockRows, features.RowCount - first);
            var sums = own.Sums.AsSpan(0, rows * Output.Width);
            Begin(features, first, sums);
            AddTrees(features, first, rows, sums, own);
            var block = scores.Slice(first * Output.Width, sums.Length);
            for (var index = 0; index < sums.Length; index++)
            {
                block[index] = (float)sums[index];
            }
        }
    }

    /// <summary>The sums before they are rounded.</summary>
    /// <param name="sums">[features.RowCount × Output.Width], overwritten.</param>
    internal void AddUp(FeatureBuffer features, Span<double> sums, PredictorWorkspace workspace)
    {
        Begin(features, 0, sums);
        AddTo(features, sums, workspace);
    }

    /// <summary>Goes on with sums that have begun, tree by tree, without the offset.</summary>
    /// <param name="sums">[features.RowCount × Output.Width], added to.</param>
    internal void AddTo(FeatureBuffer features, Span<double> sums, PredictorWorkspace workspace)
    {
        var own = Check(features, workspace);
        for (var first = 0; first < features.RowCount; first += BlockRows)
        {
            var rows = Math.Min(BlockRows, features.RowCount - first);
            AddTrees(features, first, rows, sums.Slice(first * Output.Width, rows * Output.Width), own);
        }
    }

    Workspace Check(FeatureBuffer features, PredictorWorkspace workspace)
    {
        CheckLayout(features);
        return workspace is Workspace own && own.Rows.Length == BlockRows * _width && own.Sums.Length == BlockRows * Output.Width
            ? own
            : throw new ArgumentException(
                "The workspace is another predictor's; take one from this predictor's CreateWorkspace.", nameof(workspace));
    }

    void CheckLayout(FeatureBuffer features)
    {
        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                "The features are laid out otherwise than in training; use the transform that the model was trained with.",
                nameof(features));
        }
    }

    void Begin(FeatureBuffer features, int first, Span<double> sums)
    {
        if (OffsetIndex is not { } index)
        {
            sums.Clear();
            return;
        }

        var offsets = features.Numeric(index).Slice(first, sums.Length);
        for (var row = 0; row < offsets.Length; row++)
        {
            sums[row] = offsets[row];
        }
    }

    void AddTrees(FeatureBuffer features, int first, int rowCount, Span<double> sums, Workspace workspace)
    {
        TreeRows.Gather(features, first, rowCount, workspace.Rows);
        // Bounds are checked once, by the ensemble: every child is a node or leaf of its tree, every feature is in the row.
        ref var nodes = ref MemoryMarshal.GetArrayDataReference(_nodes);
        ref var leaves = ref MemoryMarshal.GetArrayDataReference(_leafValues);
        ref var rows = ref MemoryMarshal.GetArrayDataReference(workspace.Rows);
        var (scores, score) = (Output.Width, 0);
        foreach (var root in _roots)
        {
            for (var row = 0; row < rowCount; row++)
            {
                var leaf = LeafOf(ref Unsafe.Add(ref rows, row * _width), ref nodes, root);
                sums[row * scores + score] += Unsafe.Add(ref leaves, leaf);
            }

            score = score + 1 == scores ? 0 : score + 1;
        }
    }

    int LeafOf(ref int row, ref SplitNode nodes, int node)
    {
        var numerics = _numerics;
        while (node >= 0)
        {
            ref var split = ref Unsafe.Add(ref nodes, node);
            bool left;
            if (split.Feature < 0)
            {
                var number = BitConverter.Int32BitsToSingle(Unsafe.Add(ref row, ~split.Feature));
                left = number <= split.Threshold && number != _missingValues[~split.Feature];
            }
            else
            {
                var value = Unsafe.Add(ref row, split.Feature);
                left = split.Feature < numerics
                    ? BitConverter.Int32BitsToSingle(value) <= split.Threshold
                    : Trees.CategorySets.Contains(split.Operand, value);
            }

            node = left ? split.Left : split.Right;
        }

        return ~node;
    }

    sealed class Workspace(int width, int scores) : PredictorWorkspace
    {
        public int[] Rows { get; } = new int[BlockRows * width];

        public double[] Sums { get; } = new double[BlockRows * scores];
    }
}

using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Boosted trees as one TreeEnsembleRegressor in double precision: thresholds are compared exactly and leaves added without rounding to
/// single precision, so that scores differ from ours only where ONNX Runtime adds the trees in another order.
/// </summary>
/// <remarks>
/// A split on a set of categories becomes a chain of BRANCH_EQ, one for each category of the set, whose true branches all lead to the
/// left child. Runtimes take such shared children (converters of LightGBM write the same). A split that sends missing values right is
/// a BRANCH_EQ on what stands for them, before the threshold's.
/// </remarks>
static class OnnxTrees
{
    public static OnnxValue Append(OnnxGraph graph, BoostedTreesPredictor predictor, OnnxFeatures features)
    {
        var columns = features.Numerics.Concat(features.Categories).Select(feature => graph.Cast(feature, OnnxType.Float64));
        var rows = graph.Apply("Concat", OnnxType.Float64, [.. columns], new OnnxNumber("axis", 1));
        var arrays = new Arrays(predictor.Trees, predictor.Output.Width);
        var first = 0;
        for (var tree = 0; tree < predictor.Trees.TreeCount; tree++)
        {
            arrays.Add(tree, first);
            first += predictor.Trees.SplitCounts[tree];
        }

        var sums = graph.Apply("TreeEnsembleRegressor", OnnxType.Float32, [rows], arrays.Attributes());
        return predictor.OffsetIndex is { } offset ? graph.Arithmetic("Add", sums, features.Numerics[offset]) : sums;
    }

    /// <summary>The operator's attributes: parallel arrays over nodes and over leaves.</summary>
    sealed class Arrays(TreeEnsemble trees, int width)
    {
        readonly List<long> _trees = [];
        readonly List<long> _nodes = [];
        readonly List<long> _features = [];
        readonly List<string> _modes = [];
        readonly List<double> _values = [];
        readonly List<long> _trueNodes = [];
        readonly List<long> _falseNodes = [];
        readonly List<long> _leafTrees = [];
        readonly List<long> _leafNodes = [];
        readonly List<long> _leafScores = [];
        readonly List<double> _leafValues = [];

        public void Add(int tree, int first)
        {
            var (splits, numerics) = (trees.SplitCounts[tree], trees.Features.Numerics.Length);
            // Where each of our nodes begins among the operator's: a node on a set takes one for each category.
            var starts = new long[splits + 1];
            for (var node = 0; node < splits; node++)
            {
                var split = trees.Nodes[first + node];
                starts[node + 1] = starts[node] +
                    (split.SendsMissingRight ? 2 : split.Feature < numerics ? 1 : Math.Max(1, CategoriesOf(split).Length));
            }

            for (var node = 0; node < splits; node++)
            {
                var split = trees.Nodes[first + node];
                var (left, right) = (Placed(split.Left), Placed(split.Right));
                if (split.SendsMissingRight)
                {
                    AddNode(tree, starts[node], split.Asked, "BRANCH_EQ", trees.MissingValues[split.Asked], right, starts[node] + 1);
                    AddNode(tree, starts[node] + 1, split.Asked, "BRANCH_LEQ", split.Threshold, left, right);
                    continue;
                }

                if (split.Feature < numerics)
                {
                    AddNode(tree, starts[node], split.Feature, "BRANCH_LEQ", split.Threshold, left, right);
                    continue;
                }

                // No category is −1: an empty set sends every row to the right.
                var categories = CategoriesOf(split) is { Length: > 0 } some ? some : [-1];
                for (var index = 0; index < categories.Length; index++)
                {
                    var at = starts[node] + index;
                    AddNode(
                        tree, at, split.Feature, "BRANCH_EQ", categories[index], left, index + 1 < categories.Length ? at + 1 : right);
                }
            }

            for (var leaf = 0; leaf <= splits; leaf++)
            {
                AddNode(tree, starts[splits] + leaf, 0, "LEAF", 0, 0, 0);
                _leafTrees.Add(tree);
                _leafNodes.Add(starts[splits] + leaf);
                _leafScores.Add(tree % width);
                _leafValues.Add(trees.LeafValues[first + tree + leaf]);
            }

            long Placed(int child) => child >= 0 ? starts[child - first] : starts[splits] + (~child - first - tree);
        }

        public OnnxAttribute[] Attributes() =>
        [
            new OnnxNumber("n_targets", width),
            new OnnxText("aggregate_function", "SUM"),
            new OnnxNumbers("nodes_treeids", [.. _trees]),
            new OnnxNumbers("nodes_nodeids", [.. _nodes]),
            new OnnxNumbers("nodes_featureids", [.. _features]),
            new OnnxTexts("nodes_modes", [.. _modes]),
            new OnnxDoubles("nodes_values_as_tensor", [.. _values]),
            new OnnxNumbers("nodes_truenodeids", [.. _trueNodes]),
            new OnnxNumbers("nodes_falsenodeids", [.. _falseNodes]),
            new OnnxNumbers("target_treeids", [.. _leafTrees]),
            new OnnxNumbers("target_nodeids", [.. _leafNodes]),
            new OnnxNumbers("target_ids", [.. _leafScores]),
            new OnnxDoubles("target_weights_as_tensor", [.. _leafValues]),
        ];

        ImmutableArray<int> CategoriesOf(SplitNode split)
        {
            var cardinality = trees.Features.Categories[split.Feature - trees.Features.Numerics.Length].Cardinality;
            return [.. trees.CategorySets.Categories(split.Operand).TakeWhile(category => category < cardinality)];
        }

        void AddNode(int tree, long node, int feature, string mode, double value, long trueNode, long falseNode)
        {
            _trees.Add(tree);
            _nodes.Add(node);
            _features.Add(feature);
            _modes.Add(mode);
            _values.Add(value);
            _trueNodes.Add(trueNode);
            _falseNodes.Add(falseNode);
        }
    }
}

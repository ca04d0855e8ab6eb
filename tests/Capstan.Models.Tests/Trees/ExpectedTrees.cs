using System.Numerics;
using Capstan.Features;

namespace Capstan.Models.Tests.Trees;

/// <summary>What trees expect of a row of which only some features are known: the reference that attributions are held against.</summary>
static class ExpectedTrees
{
    /// <summary>Σ over the sets S without the feature: |S|! (n − |S| − 1)! / n! × (sum knowing S and it − sum knowing S).</summary>
    public static double Shapley(BoostedTreesPredictor predictor, FeatureBuffer rows, int row, int score, int feature, int features)
    {
        var value = 0.0;
        for (var known = 0u; known < 1u << features; known++)
        {
            if ((known >> feature & 1) == 0)
            {
                var size = BitOperations.PopCount(known);
                var weight = Factorial(size) * Factorial(features - size - 1) / Factorial(features);
                value += weight * (Sum(predictor, rows, row, score, known | 1u << feature) - Sum(predictor, rows, row, score, known));
            }
        }

        return value;
    }

    /// <param name="known">A bit for each feature.</param>
    public static double Sum(BoostedTreesPredictor predictor, FeatureBuffer rows, int row, int score, uint known)
    {
        var roots = predictor.Trees.Roots();
        return Enumerable.Range(0, roots.Length).Where(tree => tree % predictor.Output.Width == score)
            .Sum(tree => Expect(predictor.Trees, rows, row, known, roots[tree]));
    }

    static double Expect(TreeEnsemble trees, FeatureBuffer rows, int row, uint known, int at)
    {
        if (at < 0)
        {
            return trees.LeafValues[~at];
        }

        var (node, numerics) = (trees.Nodes[at], trees.Features.Numerics.Length);
        if ((known >> node.Asked & 1) == 0)
        {
            double left = CoverOf(trees, node.Left), right = CoverOf(trees, node.Right);
            return (left * Expect(trees, rows, row, known, node.Left) + right * Expect(trees, rows, row, known, node.Right)) / (left + right);
        }

        var goesLeft = node.Asked < numerics
            ? rows.Numeric(node.Asked)[row] <= node.Threshold
                && !(node.SendsMissingRight && rows.Numeric(node.Asked)[row] == trees.MissingValues[node.Asked])
            : trees.CategorySets.Contains(node.Operand, rows.Category(node.Feature - numerics)[row]);
        return Expect(trees, rows, row, known, goesLeft ? node.Left : node.Right);
    }

    static int CoverOf(TreeEnsemble trees, int at) => at < 0
        ? trees.LeafCovers[~at]
        : CoverOf(trees, trees.Nodes[at].Left) + CoverOf(trees, trees.Nodes[at].Right);

    static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
}

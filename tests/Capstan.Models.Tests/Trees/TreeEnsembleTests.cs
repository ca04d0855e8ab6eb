using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan.Models.Tests.Trees;

public sealed class TreeEnsembleTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Category("c", 40)]);

    // x ≤ 0.5 → 1; else c in {2, 33} → 2, else 3. Then a tree of one leaf: 10.
    static readonly SplitNode Root = SplitNode.AtMost(0, 0.5, ~0, 1);
    static readonly SplitNode Second = SplitNode.InSet(1, 0, ~1, ~2);
    static readonly CategorySets Sets = new([0, 2], [1u << 2, 1u << 1]);

    static TreeEnsemble Make(
        SplitNode? root = null, SplitNode? second = null, ImmutableArray<int>? splits = null, ImmutableArray<float>? gains = null,
        ImmutableArray<double>? values = null, ImmutableArray<int>? covers = null) => new(
        Layout, splits ?? [2, 0], [root ?? Root, second ?? Second], gains ?? [5, 3], Sets, values ?? [1, 2, 3, 10],
        covers ?? [4, 2, 1, 7]);

    [Theory]
    [InlineData(0.5f, 0, 11)]
    [InlineData(0.6f, 2, 12)]
    [InlineData(0.6f, 33, 12)]
    [InlineData(0.6f, 3, 13)]
    [InlineData(0.6f, 39, 13)]
    public void Rows_go_left_on_thresholds_and_in_sets(float x, int category, float expected)
    {
        var predictor = new BoostedTreesPredictor(ModelOutput.Value, Make());
        var rows = new FeatureBuffer(Layout);
        rows.Resize(1);
        (rows.Numeric(0)[0], rows.Category(0)[0]) = (x, category);
        var scores = new float[1];
        predictor.Predict(rows, scores, predictor.CreateWorkspace());
        Assert.Equal(expected, scores[0]);
    }

    [Fact]
    public void Importances_add_up_gains_and_splits_by_feature() =>
        Assert.Equal([new("x", 5, 1), new("c", 3, 1)], Make().Importances());

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0000000180025095e-35)]
    [InlineData(-1e300)]
    [InlineData(1e300)]
    [InlineData(16777217)]
    public void A_narrowed_threshold_parts_single_precision_numbers_as_the_wide_one_does(double threshold)
    {
        var narrow = SplitNode.AtMost(0, threshold, 0, 0).Threshold;
        foreach (var value in new[] { (float)threshold, MathF.BitDecrement((float)threshold), MathF.BitIncrement((float)threshold), 0 }
            .Where(float.IsFinite))
        {
            Assert.Equal(value <= threshold, value <= narrow);
        }
    }

    [Fact]
    public void What_is_no_tree_is_refused()
    {
        Refused("splits in all", () => Make(splits: [1, 0]));
        Refused("a tree has -1 splits", () => Make(splits: [3, -1]));
        Refused("has the child 0", () => Make(second: Second with { Left = 0 }));
        Refused("has the child 1", () => Make(second: Second with { Right = 1 }));
        Refused("has the child 2", () => Make(root: Root with { Left = 2 }));
        Refused("has the child -5", () => Make(second: Second with { Right = ~4 }));
        Refused("has the child -4", () => Make(second: Second with { Right = ~3 })); // the other tree's leaf
        Refused("asks for feature 2", () => Make(second: Second with { Feature = 2 }));
        Refused("asks for feature -1", () => Make(root: Root with { Feature = -1 }));
        Refused("no threshold or set", () => Make(second: Second with { Operand = 1 }));
        Refused("no threshold or set", () => Make(root: SplitNode.AtMost(0, double.NaN, ~0, 1)));
        Refused("gains", () => Make(gains: [1]));
        Refused("gain is not finite", () => Make(gains: [1, float.NaN]));
        Refused("leaf values", () => Make(values: [1, 2, 3]));
        Refused("not finite", () => Make(values: [1, 2, double.NaN, 3]));
        Refused("leaf covers", () => Make(covers: [1, 2]));
        Refused("covers no row", () => Make(covers: [1, 0, 2, 3]));
        Refused("do not rise", () => _ = new CategorySets([0, 2, 1], [1]).Count);
        Refused("do not rise", () => _ = new CategorySets([1, 2], [1, 2]).Count);
    }

    static void Refused(string problem, Action make) => Assert.Contains(problem, Assert.Throws<ArgumentException>(make).Message);
}

using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>Attributions against LightGBM's own, and against their law: they add up to the score.</summary>
public sealed class TreeShapOracles
{
    [Theory]
    [InlineData("squared", 31)]
    [InlineData("logistic", 4)]
    [InlineData("softmax", 15)]
    public void Every_attribution_is_LightGBMs_own(string name, int leaves)
    {
        var loss = TreeRows.LossOf(name);
        using var native = NativeModel.Train(TreeRows.Batch(loss, 5_000, 1), loss, new BoostedTreesOptions { Trees = 30, Leaves = leaves });
        var predictor = native.Predictor(loss, TreeRows.Layout);
        var rows = TreeRows.Batch(loss, 300, 2).Features;
        var width = predictor.Output.Width;
        var columns = TreeRows.Layout.Numerics.Length + TreeRows.Layout.Categories.Length;
        var attributor = predictor.CreateAttributor(ReferenceRows.Of(rows));
        var attributions = new double[rows.RowCount * width * columns];
        attributor.Attribute(rows, attributions);
        var (expected, scores) = (native.Contributions(rows, width).Chunk(columns + 1).ToArray(), native.Scores(rows, width));
        for (var index = 0; index < expected.Length; index++)
        {
            var own = attributions.AsSpan(index * columns, columns);
            for (var feature = 0; feature < columns; feature++)
            {
                Assert.Equal(expected[index][feature], own[feature], 1e-10);
            }

            Assert.Equal(expected[index][columns], attributor.BaseScores[index % width], 1e-10);
            Assert.Equal(scores[index], own.ToArray().Sum() + attributor.BaseScores[index % width], 1e-9);
        }

        Assert.Contains(attributions, attribution => Math.Abs(attribution) > 0.1);
    }
}

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
        var columns = TreeRows.Layout.Numerics.Length + TreeRows.Layout.Categories.Length + 1;
        var attributions = new float[rows.RowCount * width * columns];
        predictor.Explain(rows, attributions, predictor.CreateExplanationWorkspace());
        var expected = native.Contributions(rows, width);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], attributions[index], 1e-6 * Math.Max(1, Math.Abs(expected[index])));
        }

        var scores = predictor.Scores(rows);
        Assert.All(attributions.Chunk(columns).Zip(scores), row => Assert.Equal(row.Second, row.First.Sum(), 1e-5f * Math.Max(1, Math.Abs(row.Second))));
        Assert.Contains(attributions, attribution => Math.Abs(attribution) > 0.1);
    }
}

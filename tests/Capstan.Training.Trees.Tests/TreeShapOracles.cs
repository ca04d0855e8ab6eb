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
        var attributions = new double[rows.RowCount * width * columns];
        var attributor = predictor.CreateAttributor(ReferenceRows.Of(rows));
        attributor.Attribute(rows, attributions);
        // Theirs have the score to expect behind each row's.
        var expected = native.Contributions(rows, width);
        for (var index = 0; index < expected.Length; index++)
        {
            var (row, feature) = (index / (columns + 1), index % (columns + 1));
            var found = feature < columns ? attributions[row * columns + feature] : attributor.BaseScores[row % width];
            Assert.Equal(expected[index], found, 1e-9 * Math.Max(1, Math.Abs(expected[index])));
        }

        var scores = predictor.Scores(rows);
        for (var row = 0; row < scores.Length; row++)
        {
            var sum = attributor.BaseScores[row % width] + attributions[(row * columns)..((row + 1) * columns)].Sum();
            Assert.Equal(scores[row], sum, 1e-5 * Math.Max(1, Math.Abs(scores[row])));
        }

        Assert.Contains(attributions, attribution => Math.Abs(attribution) > 0.1);
    }
}

using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>LightGBM, called directly on matrices in memory, against Capstan's streamed training and managed prediction.</summary>
public sealed class LightGbmOracles
{
    static readonly Loss Squared = new Loss.Squared();
    static readonly BoostedTreesOptions Options = new() { Trees = 50 };

    [Theory]
    [InlineData("squared")]
    [InlineData("absolute")]
    [InlineData("huber(0.7)")]
    [InlineData("quantile(0.9)")]
    [InlineData("poisson")]
    [InlineData("gamma")]
    [InlineData("logistic")]
    [InlineData("softmax")]
    public void Streamed_rows_grow_the_trees_that_a_matrix_in_memory_grows(string name)
    {
        var loss = TreeRows.LossOf(name);
        var batch = TreeRows.Batch(loss, 10_000, 1, weighted: true);
        using var native = NativeModel.Train(batch, loss, Options);
        using var store = TreeRows.Store(batch);
        var ours = (BoostedTreesPredictor)TreeRows.Train(store, loss, Options).Predictor;
        var theirs = native.Predictor(loss, TreeRows.Layout);
        Assert.Equal(theirs.Trees.Nodes, ours.Trees.Nodes);
        Assert.Equal(theirs.Trees.LeafValues, ours.Trees.LeafValues);
        Assert.Equal(theirs.Trees.CategorySets.Words, ours.Trees.CategorySets.Words);
        Assert.Contains(ours.Trees.Nodes, node => node.Feature >= TreeRows.Layout.Numerics.Length);
    }

    [Theory]
    [InlineData("squared", 31)]
    [InlineData("gamma", 2)]
    [InlineData("logistic", 127)]
    [InlineData("softmax", 31)]
    public void Every_sum_has_the_bits_of_LightGBMs_own_prediction(string name, int leaves)
    {
        var (loss, width) = (TreeRows.LossOf(name), TreeRows.LossOf(name).Output.Width);
        using var native = NativeModel.Train(TreeRows.Batch(loss, 10_000, 2), loss, new BoostedTreesOptions { Trees = 80, Leaves = leaves });
        var predictor = native.Predictor(loss, TreeRows.Layout);
        var other = TreeRows.Batch(loss, 30_011, 3).Features;
        var sums = new double[other.RowCount * width];
        predictor.AddUp(other, sums, predictor.CreateWorkspace());
        var expected = native.Scores(other, width);
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), sums.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.Select(sum => (float)sum), predictor.Scores(other));
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("softmax")]
    public void Missing_values_go_where_LightGBM_has_learned_to_send_them(string name)
    {
        var loss = TreeRows.LossOf(name);
        var (batch, other) = (WithMissing(1), WithMissing(2));
        using var native = NativeModel.Train(batch, loss, Options, missing: -100);
        using var store = TreeRows.Store(batch);
        var options = new BoostedTreesOptions { Trees = Options.Trees, MissingValues = Options.MissingValues.Add("x", -100).Add("y", 5).Add("sparse", 0) };
        var ours = (BoostedTreesPredictor)TreeRows.Train(store, loss, options).Predictor;
        // Missing rows are like those of high x, so that splits send them right; y has values below what was named, so that none is missing; nor is a 0 of sparse, near to others.
        Assert.Contains(ours.Trees.Nodes, node => node.SendsMissingRight);
        Assert.Equal(native.Predictor(loss, TreeRows.Layout).Trees.Nodes, ours.Trees.Nodes);
        Assert.Equal(native.Scores(other.Features, loss.Output.Width).Select(sum => (float)sum), ours.Scores(other.Features));

        TrainingBatch WithMissing(ulong seed)
        {
            var rows = TreeRows.Batch(loss, 6_000, seed);
            foreach (ref var x in rows.Features.Numeric(0))
            {
                x = x > 1 ? -100 : x;
            }

            return rows;
        }
    }

    [Fact]
    public void Values_on_and_beside_thresholds_go_where_LightGBM_sends_them()
    {
        using var native = NativeModel.Train(TreeRows.Batch(Squared, 5_000, 4), Squared, Options);
        var predictor = native.Predictor(Squared, TreeRows.Layout);
        float[] thresholds = [.. predictor.Trees.Nodes.Where(node => node.Feature == 0).Select(node => node.Threshold).Distinct()];
        float[] values =
        [
            .. thresholds.SelectMany(at => new[] { MathF.BitDecrement(at), at, MathF.BitIncrement(at) }),
            0, -0f, 1e-36f, -1e-36f, float.MaxValue, float.MinValue, float.Epsilon,
        ];
        var batch = TreeRows.Batch(Squared, values.Length, 5);
        values.CopyTo(batch.Features.Numeric(0));
        Assert.Equal(native.Scores(batch.Features).Select(sum => (float)sum), predictor.Scores(batch.Features));
    }

    [Fact]
    public void Categories_that_training_never_met_go_where_LightGBM_sends_them()
    {
        var batch = TreeRows.Batch(Squared, 5_000, 6);
        foreach (ref var city in batch.Features.Category(0))
        {
            city = city < 30 ? city : 0;
        }

        using var native = NativeModel.Train(batch, Squared, Options);
        var other = TreeRows.Batch(Squared, 2_000, 7).Features;
        Assert.Equal(
            native.Scores(other).Select(sum => (float)sum), native.Predictor(Squared, TreeRows.Layout).Scores(other));
    }
}

using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>LightGBM, called directly on matrices in memory, against Capstan's streamed training and managed prediction.</summary>
public sealed class LightGbmOracles
{
    static readonly BoostedTreesOptions Options = new() { Trees = 50 };

    [Theory]
    [InlineData(ModelTask.Regression)]
    [InlineData(ModelTask.BinaryClassification)]
    public void Streamed_rows_grow_the_trees_that_a_matrix_in_memory_grows(ModelTask task)
    {
        var batch = TreeRows.Batch(task, 20_000, 1, weighted: true);
        using var native = NativeModel.Train(batch, task, Options);
        using var store = TreeRows.Store(batch);
        var ours = (BoostedTreesPredictor)TreeRows.Train(store, task, Options).Predictor;
        var theirs = native.Predictor(task, TreeRows.Layout);
        Assert.Equal(theirs.Trees.Nodes, ours.Trees.Nodes);
        Assert.Equal(theirs.Trees.LeafValues, ours.Trees.LeafValues);
        Assert.Equal(theirs.Trees.CategorySets.Words, ours.Trees.CategorySets.Words);
        Assert.Contains(ours.Trees.Nodes, node => node.Feature >= TreeRows.Layout.Numerics.Length);
    }

    [Theory]
    [InlineData(ModelTask.Regression, 31)]
    [InlineData(ModelTask.Regression, 2)]
    [InlineData(ModelTask.BinaryClassification, 127)]
    public void Every_sum_has_the_bits_of_LightGBMs_own_prediction(ModelTask task, int leaves)
    {
        using var native = NativeModel.Train(TreeRows.Batch(task, 10_000, 2), task, new BoostedTreesOptions { Trees = 80, Leaves = leaves });
        var predictor = native.Predictor(task, TreeRows.Layout);
        var other = TreeRows.Batch(task, 30_011, 3).Features;
        var sums = new double[other.RowCount];
        predictor.AddUp(other, sums, predictor.CreateWorkspace());
        var expected = native.Scores(other);
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), sums.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.Select(sum => (float)sum), predictor.Scores(other));
    }

    [Fact]
    public void Values_on_and_beside_thresholds_go_where_LightGBM_sends_them()
    {
        using var native = NativeModel.Train(TreeRows.Batch(ModelTask.Regression, 5_000, 4), ModelTask.Regression, Options);
        var predictor = native.Predictor(ModelTask.Regression, TreeRows.Layout);
        float[] thresholds = [.. predictor.Trees.Nodes.Where(node => node.Feature == 0).Select(node => node.Threshold).Distinct()];
        float[] values =
        [
            .. thresholds.SelectMany(at => new[] { MathF.BitDecrement(at), at, MathF.BitIncrement(at) }),
            0, -0f, 1e-36f, -1e-36f, float.MaxValue, float.MinValue, float.Epsilon,
        ];
        var batch = TreeRows.Batch(ModelTask.Regression, values.Length, 5);
        values.CopyTo(batch.Features.Numeric(0));
        Assert.Equal(native.Scores(batch.Features).Select(sum => (float)sum), predictor.Scores(batch.Features));
    }

    [Fact]
    public void Categories_that_training_never_met_go_where_LightGBM_sends_them()
    {
        var batch = TreeRows.Batch(ModelTask.Regression, 5_000, 6);
        foreach (ref var city in batch.Features.Category(0))
        {
            city = city < 30 ? city : 0;
        }

        using var native = NativeModel.Train(batch, ModelTask.Regression, Options);
        var other = TreeRows.Batch(ModelTask.Regression, 2_000, 7).Features;
        Assert.Equal(
            native.Scores(other).Select(sum => (float)sum), native.Predictor(ModelTask.Regression, TreeRows.Layout).Scores(other));
    }
}

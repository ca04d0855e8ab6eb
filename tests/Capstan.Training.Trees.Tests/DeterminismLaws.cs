using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>
/// The same rows, options and seed grow the same trees to the bit, whatever the number of threads. Alone in the process, since who grows beside
/// others works with as many threads as they do.
/// </summary>
[Collection(nameof(DeterminismLaws))]
[CollectionDefinition(nameof(DeterminismLaws), DisableParallelization = true)]
public sealed class DeterminismLaws
{
    static readonly int[] ThreadCounts = [1, 2, 3];
    static readonly ulong[] Seeds = [1, 1, 2];

    [Theory]
    [InlineData("squared", false, 1.0)]
    [InlineData("logistic", true, 0.7)]
    [InlineData("softmax", false, 0.8)]
    public void Threads_change_nothing(string name, bool weighted, double share)
    {
        var loss = TreeRows.LossOf(name);
        using var rows = TreeRows.Store(loss, 10_000, 1, weighted);
        using var validation = TreeRows.Store(loss, 3_000, 2);
        Check(rows, validation, loss, share);
    }

    [Fact]
    public void Threads_change_nothing_where_features_are_many_and_mostly_zero()
    {
        var layout = new FeatureLayout(Enumerable.Range(0, 300).Select(index => FeatureSpec.Numeric($"word{index}")));
        var (random, batch) = (new SeededRandom(3), new TrainingBatch(layout));
        batch.Resize(8_000);
        batch.Weights.Fill(1);
        batch.Labels.Clear();
        for (var feature = 0; feature < 300; feature++)
        {
            var column = batch.Features.Numeric(feature);
            for (var row = 0; row < column.Length; row++)
            {
                column[row] = random.NextInt32(30) == 0 ? random.NextSingle() : 0;
                batch.Labels[row] += column[row] * (feature % 7) + 0.001f * random.NextSingle();
            }
        }

        using var rows = TreeRows.Store(batch);
        Check(rows, rows, new Loss.Squared(), 1);
    }

    static void Check(FeatureStore rows, FeatureStore validation, Loss loss, double share)
    {
        var results = ThreadCounts.Select(threads => TreeRows.Train(
            rows, loss,
            new BoostedTreesOptions { Trees = 25, Threads = threads, BaggingShare = share, FeatureShare = share, Seed = 5 }, validation))
            .ToArray();
        var first = ((BoostedTreesPredictor)results[0].Predictor).Trees;
        Assert.True(first.Nodes.Length > 100);
        foreach (var result in results)
        {
            var trees = ((BoostedTreesPredictor)result.Predictor).Trees;
            Assert.Equal(first.Nodes, trees.Nodes);
            Assert.Equal(first.LeafValues, trees.LeafValues);
            Assert.Equal(
                results[0].History.Select(step => step.ValidationLoss), result.History.Select(step => step.ValidationLoss));
        }
    }

    [Fact]
    public void Another_seed_draws_other_rows()
    {
        using var rows = TreeRows.Store(new Loss.Squared(), 2_000, 4);
        var trees = Seeds.Select(seed => ((BoostedTreesPredictor)TreeRows.Train(
            rows, new Loss.Squared(), new BoostedTreesOptions { Trees = 5, BaggingShare = 0.5, Seed = seed }).Predictor).Trees).ToArray();
        Assert.Equal(trees[0].LeafValues, trees[1].LeafValues);
        Assert.NotEqual(trees[0].LeafValues, trees[2].LeafValues);
    }
}

using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>A training that was stopped anywhere and run again comes to the trees of an undisturbed one, to the bit.</summary>
public sealed class CheckpointLaws : IDisposable
{
    static readonly TrainingIdentity Identity = new([new("training", "this one")]);

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-trees-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("squared", 1.0, null)]
    [InlineData("quantile(0.8)", 1.0, null)]
    [InlineData("poisson", 1.0, "x")]
    [InlineData("logistic", 1.0, null)]
    [InlineData("softmax", 1.0, null)]
    public void Stopped_after_every_few_trees(string name, double share, string? offset) =>
        Check(name, new BoostedTreesOptions { Trees = 30, BaggingShare = share, Offset = offset, LearningRate = 0.3, Patience = 8 }, [3, 4, 9, 1]);

    [Fact]
    public void Draws_of_rows_and_features_go_on_from_the_last_fifty_trees() => Check(
        "logistic", new BoostedTreesOptions { Trees = 130, BaggingShare = 0.6, FeatureShare = 0.7, Seed = 5, Leaves = 8 }, [20, 60, 45, 10]);

    void Check(string name, BoostedTreesOptions options, int[] stops)
    {
        var loss = TreeRows.LossOf(name);
        using var rows = TreeRows.Store(loss, 3_000, 1, weighted: true);
        using var validation = TreeRows.Store(loss, 500, 2);
        var undisturbed = Run(Path.Combine(_folder, "undisturbed"), null)!;
        var kept = Path.Combine(_folder, "stopped");
        foreach (var stop in stops)
        {
            Assert.Null(Run(kept, stop));
        }

        var resumed = Run(kept, null)!;
        Same(undisturbed, resumed);
        // It has ended: run again, it is taken over as it is, and nothing is grown.
        Same(undisturbed, Run(kept, 0)!);

        TrainingResult? Run(string folder, int? treesMore)
        {
            using var checkpoints = new CheckpointFolder(
                new CheckpointOptions(folder) { EveryBatches = 1 }, Identity, TimeProvider.System, null);
            using var stopping = new CancellationTokenSource();
            var left = treesMore;
            try
            {
                return new BoostedTreesTraining(TimeProvider.System) { Checkpoints = checkpoints }.Run(
                    loss, rows, validation, options, new Watch(() => { if (--left <= 0) { stopping.Cancel(); } }), stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    static void Same(TrainingResult expected, TrainingResult found)
    {
        var (trees, others) = (((BoostedTreesPredictor)expected.Predictor).Trees, ((BoostedTreesPredictor)found.Predictor).Trees);
        Assert.True(trees.Nodes.Length > 100);
        Assert.Equal(trees.SplitCounts, others.SplitCounts);
        Assert.Equal(trees.LeafValues.Select(BitConverter.DoubleToInt64Bits), others.LeafValues.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.History.AsEnumerable(), found.History.AsEnumerable());
        Assert.Equal(expected.StopReason, found.StopReason);
    }

    sealed class Watch(Action reported) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reported();
    }
}

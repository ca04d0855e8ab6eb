using Capstan.Models;

namespace Capstan.Training.Trees.Tests.Shared;

public sealed class SharedGrowthLaws
{
    static readonly BoostedTreesOptions Options = new() { Trees = 20, Leaves = 15, Patience = null };

    static TrainingResult Shared(
        FeatureStore rows, Loss loss, BoostedTreesOptions options, int workers, FeatureStore? validation = null, int treesPerRound = int.MaxValue) =>
        new BoostedTreesTraining(TimeProvider.System) { Supply = new ThreadSupply(loss, rows, options, workers, treesPerRound) }
            .Run(loss, rows, validation, options, null, CancellationToken.None);

    static byte[] Bytes(TrainingResult result) => PredictorCodec.ToBytes(result.Predictor);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Under_the_squared_loss_several_workers_grow_the_trees_of_one_machine_up_to_the_last_bits_of_sums(int workers)
    {
        var loss = new Loss.Squared();
        using var rows = TreeRows.Store(loss, 5000, 7);

        AssertAlike(TreeRows.Train(rows, loss, Options), Shared(rows, loss, Options, workers), loss);
    }

    [Theory]
    [InlineData("logistic")]
    [InlineData("poisson")]
    public void Under_other_losses_as_well_where_it_does_not_matter_how_many_rows_a_leaf_has(string name)
    {
        // LightGBM tells a leaf's rows from its Hessians where it can't count them on one machine.
        var loss = TreeRows.LossOf(name);
        var options = new BoostedTreesOptions { Trees = 20, Leaves = 15, Patience = null, MinExamplesInLeaf = 1 };
        var batch = TreeRows.Batch(loss, 5000, 7, weighted: true);
        batch.Features.Category(0).Clear();
        batch.Features.Category(1).Clear();
        using var rows = TreeRows.Store(batch);

        AssertAlike(TreeRows.Train(rows, loss, options), Shared(rows, loss, options, 2), loss);
    }

    static void AssertAlike(TrainingResult alone, TrainingResult shared, Loss loss)
    {
        var probe = TreeRows.Batch(loss, 2000, 8);
        var (expected, found) = (alone.Predictor.Scores(probe.Features), shared.Predictor.Scores(probe.Features));
        for (var row = 0; row < probe.RowCount; row++)
        {
            Assert.Equal(expected[row], found[row], 1e-5f * Math.Max(1, Math.Abs(expected[row])));
        }
    }

    [Theory]
    [InlineData("logistic")]
    [InlineData("softmax")]
    [InlineData("poisson")]
    [InlineData("absolute")]
    [InlineData("quantile(0.8)")]
    [InlineData("huber(1.5)")]
    [InlineData("gamma")]
    public void Under_every_loss_several_workers_learn_as_well_as_one_machine(string name)
    {
        var loss = TreeRows.LossOf(name);
        using var rows = TreeRows.Store(loss, 5000, 9);
        using var others = TreeRows.Store(loss, 5000, 10);

        var alone = TreeRows.MeanLoss(loss, TreeRows.Train(rows, loss, Options).Predictor, others);
        var shared = TreeRows.MeanLoss(loss, Shared(rows, loss, Options, 3).Predictor, others);

        Assert.InRange(shared - alone, -0.03 * Math.Abs(alone), 0.03 * Math.Abs(alone));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public void However_often_workers_die_the_trees_are_the_same_to_the_bit(double drawn)
    {
        var loss = new Loss.Logistic();
        using var rows = TreeRows.Store(loss, 3000, 11);
        var options = new BoostedTreesOptions { Trees = 60, Leaves = 7, Patience = null, BaggingShare = drawn, FeatureShare = drawn };

        var undisturbed = Shared(rows, loss, options, 2);

        Assert.Equal(Bytes(undisturbed), Bytes(Shared(rows, loss, options, 2, treesPerRound: 23)));
    }

    [Fact]
    public void Growing_stops_where_the_validation_rows_are_predicted_best()
    {
        var loss = new Loss.Logistic();
        using var rows = TreeRows.Store(loss, 2000, 12);
        using var validation = TreeRows.Store(loss, 2000, 13);
        var options = new BoostedTreesOptions { Trees = 200, LearningRate = 0.5, Patience = 5 };

        var shared = Shared(rows, loss, options, 2, validation);

        var best = shared.History.MinBy(tree => tree.ValidationLoss)!;
        Assert.IsType<StopReason.TreesPlateaued>(shared.StopReason);
        Assert.Equal(best.EpochNumber + 5, shared.History.Length);
        Assert.Equal(best.ValidationLoss!.Value, TreeRows.MeanLoss(loss, shared.Predictor, validation), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(31)]
    public void A_lost_worker_is_said_and_nothing_else_happens(int exchange)
    {
        var loss = new Loss.Logistic();
        using var rows = TreeRows.Store(loss, 1000, 14);
        var start = new BoostedTreesPredictor(loss.Output, TreeEnsemble.Constant(rows.Layout, 0));

        Assert.Throws<PeerLostException>(() => ThreadPeers.All(
            2,
            peers =>
            {
                using var own = new SharedRows(loss, rows, new RowShare(peers.Rank, 2), Options, CancellationToken.None);
                using var growth = new SharedGrowth(own, start, 0, peers, CancellationToken.None);
                while (growth.Grow(CancellationToken.None) is not null)
                {
                }

                return 0;
            },
            lostAt: exchange));
        // The thread's network is gone with it: one machine trains as before.
        Assert.Equal(20, TreeRows.Train(rows, loss, Options).History.Length);
    }

    [Fact]
    public void Workers_with_other_rows_are_found_out_before_a_tree_is_grown()
    {
        var loss = new Loss.Logistic();
        using var rows = TreeRows.Store(loss, 1000, 15);
        using var others = TreeRows.Store(loss, 1000, 16);
        var start = new BoostedTreesPredictor(loss.Output, TreeEnsemble.Constant(rows.Layout, 0));

        var fault = Assert.Throws<PeersDisagreeException>(() => ThreadPeers.All(2, peers =>
        {
            using var own = new SharedRows(
                loss, peers.Rank == 0 ? rows : others, new RowShare(peers.Rank, 2), Options, CancellationToken.None);
            using var growth = new SharedGrowth(own, start, 0, peers, CancellationToken.None);
            return 0;
        }));
        Assert.Contains("has the data changed", fault.Message);
    }

    [Fact]
    public void There_must_be_a_row_for_each_worker()
    {
        var loss = new Loss.Squared();
        using var rows = TreeRows.Store(loss, 3, 17);

        Assert.Contains("3 training rows for 4 workers", Assert.Throws<ArgumentException>(
            () => new SharedRows(loss, rows, new RowShare(0, 4), Options, CancellationToken.None)).Message);
    }
}

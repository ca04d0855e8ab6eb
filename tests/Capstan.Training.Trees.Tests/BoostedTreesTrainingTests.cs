using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

public sealed class BoostedTreesTrainingTests
{
    static readonly Loss Squared = new Loss.Squared();
    static readonly Loss Logistic = new Loss.Logistic();
    static readonly BoostedTreesOptions Few = new() { Trees = 20 };

    [Fact]
    public void Trees_halve_the_error_of_the_mean_on_rows_that_they_never_saw()
    {
        using var train = TreeRows.Store(Squared, 10_000, 1);
        var other = TreeRows.Batch(Squared, 5_000, 2);
        var scores = TreeRows.Train(train, Squared, BoostedTreesOptions.Default).Predictor.Scores(other.Features);
        var labels = other.Labels.ToArray();
        var error = scores.Zip(labels, (score, label) => (score - label) * (double)(score - label)).Average();
        var variance = labels.Select(label => Math.Pow(label - labels.Average(), 2)).Average();
        Assert.InRange(error / variance, 0.02, 0.25); // the noise alone is 0.03
    }

    [Theory]
    [InlineData("absolute", 2.0)]
    [InlineData("quantile(0.8)", 8.0)]
    [InlineData("squared", 3.75)]
    [InlineData("poisson", 3.75)]
    [InlineData("gamma", 3.75)]
    public void Each_loss_predicts_its_own_statistic_of_rows_that_are_alike(string loss, double expected)
    {
        // Nine labels at a time: 1, 1, 1, 1, 2, 2.75, 8, 8, 9, of which the mean is 3.75.
        float[] labels = [1, 1, 1, 1, 2, 2.75f, 8, 8, 9];
        var batch = Constant(900);
        for (var row = 0; row < batch.RowCount; row++)
        {
            batch.Labels[row] = labels[row % labels.Length];
        }

        using var store = TreeRows.Store(batch);
        var result = TreeRows.Train(store, LossText.Parse(loss), new BoostedTreesOptions { Trees = 5 });
        var predictions = result.Predictor.Scores(batch.Features);
        result.Predictor.Output.ToPredictions(predictions);
        Assert.Equal(expected, predictions[0], 1e-5);
        Assert.IsType<StopReason.NothingToSplit>(result.StopReason);
    }

    [Fact]
    public void Rows_count_by_their_weights()
    {
        var batch = Constant(100);
        for (var row = 0; row < batch.RowCount; row++)
        {
            (batch.Labels[row], batch.Weights[row]) = row % 2 == 0 ? (1f, 3f) : (5f, 1f);
        }

        using var store = TreeRows.Store(batch);
        Assert.Equal(2, TreeRows.Train(store, Squared, Few).Predictor.Scores(batch.Features)[0], 1e-5);
    }

    [Fact]
    public void Growing_stops_when_validation_rows_are_no_longer_predicted_better_and_the_best_trees_are_kept()
    {
        using var train = TreeRows.Store(Logistic, 500, 3);
        using var validation = TreeRows.Store(Logistic, 500, 4, weighted: true);
        var options = new BoostedTreesOptions { Trees = 500, Patience = 10, LearningRate = 0.3 };
        var result = TreeRows.Train(train, Logistic, options, validation);
        var losses = result.History.Select(step => step.ValidationLoss!.Value).ToArray();
        Assert.Equal(losses.Min(), result.Best.ValidationLoss);
        Assert.Equal(new StopReason.TreesPlateaued(result.BestEpochNumber, losses.Min(), 10), result.StopReason);
        Assert.Equal(result.BestEpochNumber + 10, losses.Length);
        var predictor = (BoostedTreesPredictor)result.Predictor;
        Assert.Equal(result.BestEpochNumber, predictor.Trees.TreeCount);
        // What validation reported is what the kept trees say of the same rows.
        Assert.Equal(losses.Min(), TreeRows.MeanLoss(Logistic, predictor, validation), 1e-6);
    }

    [Fact]
    public void Every_tree_is_reported_with_both_losses()
    {
        using var rows = TreeRows.Store(Squared, 1_000, 5);
        var reports = new List<TrainingProgress>();
        new BoostedTreesTraining(TimeProvider.System).Run(
            Squared, rows, rows, Few, new Log(reports), CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 20), reports.Select(report => report.EpochNumber));
        Assert.Equal(20_000, reports[^1].RowsDone);
        Assert.Equal(20_000, reports[^1].RowsTotal);
        Assert.True(reports[^1].Loss < reports[0].Loss);
        // The same rows: LightGBM's own measure and ours of the same predictions.
        Assert.All(reports, report => Assert.Equal(report.Loss, report.Finished!.Value.ValidationLoss!.Value, 1e-6));
    }

    [Fact]
    public void Predictions_rise_or_fall_with_monotone_features()
    {
        var batch = TreeRows.Batch(Squared, 5_000, 6);
        using var rows = TreeRows.Store(batch);
        var options = new BoostedTreesOptions
        {
            Trees = 50,
            Monotone = ImmutableDictionary<string, Monotonicity>.Empty
                .Add("x", Monotonicity.Increasing).Add("y", Monotonicity.Decreasing),
        };
        var predictor = TreeRows.Train(rows, Squared, options).Predictor;
        foreach (var (feature, sign) in new[] { (0, 1), (1, -1) })
        {
            var before = predictor.Scores(batch.Features);
            foreach (ref var value in batch.Features.Numeric(feature))
            {
                value += 0.5f;
            }

            var after = predictor.Scores(batch.Features);
            Assert.All(before.Zip(after), pair => Assert.True(sign * (pair.Second - pair.First) >= -1e-5, $"{pair}"));
            Assert.NotEqual(before, after);
        }
    }

    [Fact]
    public void Cancelling_stops_between_trees()
    {
        using var rows = TreeRows.Store(Squared, 1_000, 7);
        using var cancellation = new CancellationTokenSource();
        var grown = new List<TrainingProgress>();
        var progress = new Log(grown, () => { if (grown.Count == 3) { cancellation.Cancel(); } });
        Assert.Throws<OperationCanceledException>(() => new BoostedTreesTraining(TimeProvider.System).Run(
            Squared, rows, null, Few, progress, cancellation.Token));
        Assert.Equal(3, grown.Count);
    }

    [Fact]
    public void Wrong_monotone_features_and_too_many_categories_are_all_named()
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Category("big", 70_000)]);
        var batch = new TrainingBatch(layout);
        batch.Resize(10);
        batch.Features.Numeric(0).Clear();
        batch.Features.Category(0).Clear();
        batch.Labels.Clear();
        batch.Weights.Fill(1);
        using var rows = TreeRows.Store(batch);
        var options = new BoostedTreesOptions
        {
            Monotone = ImmutableDictionary<string, Monotonicity>.Empty
                .Add("big", Monotonicity.Increasing).Add("z", Monotonicity.Increasing),
        };
        var problem = Assert.Throws<ArgumentException>(() => TreeRows.Train(rows, Squared, options)).Message;
        Assert.Contains("'big' is a category", problem);
        Assert.Contains("'z' does not exist; numeric features are x", problem);
        Assert.Contains("70,000 categories; boosted trees split on at most 65,536", problem);
    }

    [Fact]
    public void Labels_between_the_classes_are_learned_as_shares()
    {
        var batch = Constant(100);
        batch.Labels.Fill(0.25f);
        batch.Labels[0] = 0.5f;
        using var store = TreeRows.Store(batch);
        var score = TreeRows.Train(store, new Loss.Logistic(), Few).Predictor.Scores(batch.Features)[0];
        Assert.Equal(0.2525, ModelOutput.Probability(score), 1e-6);
    }

    [Theory]
    [InlineData("poisson")]
    [InlineData("gamma")]
    [InlineData("huber(0.5)")]
    [InlineData("logistic")]
    [InlineData("softmax")]
    public void Validation_reports_the_loss_of_the_trees_so_far(string name)
    {
        var loss = TreeRows.LossOf(name);
        using var rows = TreeRows.Store(loss, 2_000, 9, weighted: true);
        using var validation = TreeRows.Store(loss, 1_000, 10, weighted: true);
        var result = TreeRows.Train(rows, loss, Few, validation);
        Assert.True(result.Best.ValidationLoss < result.History[0].ValidationLoss);
        Assert.Equal(result.Best.ValidationLoss!.Value, TreeRows.MeanLoss(loss, result.Predictor, validation), 1e-5);
    }

    [Fact]
    public void What_the_native_library_refuses_is_an_exception_with_its_words() => Assert.Contains(
        "the number of classes", Assert.Throws<LightGbmException>(() => NativeModel.Load("no model")).Message);

    [Fact]
    public void Rows_without_any_weight_are_refused()
    {
        var batch = Constant(10);
        batch.Weights.Clear();
        using var rows = TreeRows.Store(batch);
        Assert.Contains("weight", Assert.Throws<ArgumentException>(() => TreeRows.Train(rows, Squared, Few)).Message);
    }

    static TrainingBatch Constant(int count)
    {
        var batch = new TrainingBatch(new FeatureLayout([FeatureSpec.Numeric("x")]));
        batch.Resize(count);
        batch.Features.Numeric(0).Fill(1);
        batch.Labels.Clear();
        batch.Weights.Fill(1);
        return batch;
    }

    sealed class Log(List<TrainingProgress> reports, Action? after = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            reports.Add(value);
            after?.Invoke();
        }
    }
}

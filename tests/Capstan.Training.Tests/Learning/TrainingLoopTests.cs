using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Learning;

public sealed class TrainingLoopTests : IDisposable
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(1);

    // Ten rows are four batches of three; all labels are 0.
    static readonly TrainingOptions Options = new() { Epochs = 6, BatchSize = 3, Patience = 2, ProgressEvery = 2 };

    readonly FeatureStore _train = ExampleRows.Store(ExampleRows.Random(Layout, 10, new Random(1)));
    readonly FeatureStore _validation = ExampleRows.Store(ExampleRows.Random(Layout, 5, new Random(2)));
    readonly ManualClock _clock = new();
    readonly ReportLog _reports = [];

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
    }

    [Fact]
    public void Training_stops_when_validation_no_longer_improves_and_the_best_epoch_is_kept()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 4, 3, 1, 2, 1, 0), _validation, Options);
        Assert.Equal(1f, Assert.IsType<ConstantPredictor>(result.Predictor).Value);
        Assert.Equal(3, result.BestEpochNumber);
        Assert.Equal(new double?[] { 16, 9, 1, 4, 1 }, result.History.Select(epoch => epoch.ValidationLoss));
        Assert.Equal(new EpochResult(3, 0.4, 1), result.Best);
        Assert.Equal(new StopReason.Plateaued(3, 1, 2), result.StopReason);
        Assert.Contains("lowest after epoch 3 (1)", result.StopReason.Explanation);
    }

    [Fact]
    public void A_better_epoch_renews_the_patience()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 4, 5, 3, 4, 2, 3), _validation, Options);
        Assert.Equal((6, 5), (result.History.Length, result.BestEpochNumber));
        Assert.Equal(new StopReason.Completed(6, 60), result.StopReason);
    }

    [Fact]
    public void An_improvement_of_no_more_than_the_least_is_none()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 4, 3.9f, 3.8f), _validation, Options with { MinDelta = 2 });
        Assert.Equal((3, 1), (result.History.Length, result.BestEpochNumber));
    }

    [Fact]
    public void Without_patience_every_epoch_is_run_and_the_best_is_still_kept()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 1, 2, 3, 4, 5, 6), _validation, Options with { Patience = null });
        Assert.Equal((6, 1), (result.History.Length, result.BestEpochNumber));
    }

    [Fact]
    public void Without_validation_every_epoch_is_run_and_the_last_is_kept()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 1, 2, 3, 4, 5, 6), null, Options);
        Assert.Equal(6f, Assert.IsType<ConstantPredictor>(result.Predictor).Value);
        Assert.Equal(new EpochResult(6, 0.4, null), result.Best);
    }

    [Fact]
    public void The_training_loss_is_a_mean_by_weight()
    {
        using var train = ExampleRows.Store(ExampleRows.Random(Layout, 4, new Random(1), weight: _ => 5f));
        var learner = new ScriptedLearner(Layout, _ => 30, 1);
        var options = Options with { Epochs = 1 };
        var result = new TrainingLoop(_clock).Run(learner, train, null, options, null, CancellationToken.None);
        Assert.Equal(2 * 30 / 20.0, result.Best.TrainingLoss);
    }

    [Fact]
    public void A_learner_with_a_schedule_is_told_its_length()
    {
        var learner = new ScriptedLearner(Layout, _ => 1, 1, 2, 3, 4, 5, 6);
        Run(learner, null, Options);
        Assert.Equal(24, learner.PlannedSteps);
        Assert.Equal(24, learner.BatchesLearned);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_no_number_in_the_first_epoch_fails_with_its_place(double bad)
    {
        var learner = new ScriptedLearner(Layout, batch => batch == 2 ? bad : 1, 1);
        var failure = Assert.Throws<TrainingDivergedException>(() => Run(learner, _validation, Options));
        Assert.Equal((1, 3L, bad), (failure.EpochNumber, failure.BatchNumber, failure.Loss));
        Assert.Contains("batch 3 of epoch 1", failure.Message);
        Assert.Contains("Lower the learning rate", failure.Message);
        Assert.Equal(3, learner.BatchesLearned);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loss_that_is_no_number_later_keeps_the_last_good_predictor(bool validated)
    {
        var learner = new ScriptedLearner(Layout, batch => batch == 9 ? double.NaN : 1, 2, 1);
        var result = Run(learner, validated ? _validation : null, Options);
        Assert.Equal(1f, Assert.IsType<ConstantPredictor>(result.Predictor).Value);
        Assert.Equal(new StopReason.Diverged(3, 2, double.NaN, 2), result.StopReason);
        Assert.Contains("batch 2 of epoch 3", result.StopReason.Explanation);
        Assert.Contains("The model of epoch 2 is kept", result.StopReason.Explanation);
        Assert.Equal(2, result.History.Length);
    }

    [Fact]
    public void A_validation_loss_that_is_no_number_is_divergence_too()
    {
        var result = Run(new ScriptedLearner(Layout, _ => 1, 2, float.NaN), _validation, Options);
        Assert.Equal(new StopReason.Diverged(2, null, double.NaN, 1), result.StopReason);
        Assert.Throws<TrainingDivergedException>(() => Run(new ScriptedLearner(Layout, _ => 1, float.NaN), _validation, Options));
    }

    [Fact]
    public void Cancelling_stops_before_the_next_batch()
    {
        using var cancelling = new CancellationTokenSource();
        var learner = new ScriptedLearner(Layout, _ => 1, 1, 2) { BeforeBatch = batch => CancelAt(batch, 5) };
        Assert.Throws<OperationCanceledException>(
            () => new TrainingLoop(_clock).Run(learner, _train, _validation, Options, null, cancelling.Token));
        Assert.Equal(6, learner.BatchesLearned);

        void CancelAt(int batch, int last)
        {
            if (batch == last)
            {
                cancelling.Cancel();
            }
        }
    }

    [Fact]
    public void Cancelling_stops_validation_too()
    {
        using var cancelling = new CancellationTokenSource();
        var learner = new ScriptedLearner(Layout, _ => 1, 1) { BeforeFreeze = cancelling.Cancel };
        Assert.Throws<OperationCanceledException>(
            () => new TrainingLoop(_clock).Run(learner, _train, _validation, Options, _reports, cancelling.Token));
        Assert.DoesNotContain(_reports, report => report.Finished is not null);
    }

    [Fact]
    public void Progress_tells_rate_remaining_time_and_the_loss_of_late()
    {
        var learner = new ScriptedLearner(Layout, batch => 3 * batch, 1, 2)
        {
            BeforeBatch = _ => _clock.Advance(TimeSpan.FromSeconds(1.5)),
        };
        Run(learner, _validation, Options with { Epochs = 2 });

        // Batches of 3, 3, 3 and 1 rows, each epoch; a report every second batch and at its end.
        Assert.Equal([6, 10, 10, 16, 20, 20], _reports.Select(report => report.RowsDone));
        Assert.Equal([1, 1, 1, 2, 2, 2], _reports.Select(report => report.EpochNumber));
        Assert.All(_reports, report => Assert.Equal((2, 20L), (report.Epochs, report.RowsTotal)));
        Assert.Equal(new TrainingProgress(1, 2, 6, 20, 2, TimeSpan.FromSeconds(7), 3 / 6.0, null), _reports[0]);
        Assert.Equal((6 + 9) / 4.0, _reports[1].Loss);
        Assert.Equal(new EpochResult(1, 18 / 10.0, 1), _reports[2].Finished);
        Assert.Equal(TimeSpan.Zero, _reports[^1].Remaining);
    }

    [Fact]
    public void A_clock_that_has_not_moved_makes_no_rate()
    {
        Run(new ScriptedLearner(Layout, _ => 1, 1), null, Options with { Epochs = 1 });
        Assert.All(_reports, report => Assert.Equal((0, null), (report.RowsPerSecond, report.Remaining)));
    }

    [Fact]
    public void Nothing_to_learn_from_or_to_validate_on_is_refused()
    {
        using var none = ExampleRows.Store(ExampleRows.Random(Layout, 0, new Random(1)));
        using var weightless = ExampleRows.Store(ExampleRows.Random(Layout, 4, new Random(1), weight: _ => 0f));
        Assert.Contains("0 training rows", Refusal(none, null));
        Assert.Contains("4 validation rows with a total weight of 0", Refusal(_train, weightless));

        string Refusal(FeatureStore train, FeatureStore? validation)
        {
            var learner = new ScriptedLearner(Layout, _ => 1, 1);
            return Assert.Throws<ArgumentException>(
                () => new TrainingLoop(_clock).Run(learner, train, validation, Options, null, CancellationToken.None)).Message;
        }
    }

    [Fact]
    public void All_options_out_of_range_are_told_at_once()
    {
        var bad = new TrainingOptions { Epochs = 0, BatchSize = 0, Patience = 0, ProgressEvery = 0, MinDelta = double.NaN };
        var refusal = Assert.Throws<ArgumentException>(() => Run(new ScriptedLearner(Layout, _ => 1), null, bad));
        Assert.All(
            [nameof(bad.Epochs), nameof(bad.BatchSize), nameof(bad.Patience), nameof(bad.ProgressEvery), nameof(bad.MinDelta)],
            name => Assert.Contains(name, refusal.Message));
    }

    [Fact]
    public void The_same_seed_trains_the_same_model_to_the_bit_and_another_seed_another()
    {
        var random = new Random(1);
        using var train = ExampleRows.Store(ExampleRows.Random(ExampleRows.Layout(3, 20), 3000, random, _ => random.Next(2)));
        var first = TrainedWeights(seed: 1);
        Assert.Equal(first, TrainedWeights(seed: 1));
        Assert.NotEqual(first, TrainedWeights(seed: 2));

        float[] TrainedWeights(ulong seed)
        {
            var learner = new FtrlLearner(new Loss.Logistic(), train.Layout, train.Labels, LinearOptions.Default);
            var options = new TrainingOptions { Epochs = 2, Seed = seed };
            var result = new TrainingLoop(_clock).Run(learner, train, null, options, null, CancellationToken.None);
            var predictor = Assert.IsType<LinearPredictor>(result.Predictor);
            return [predictor.Biases[0], .. predictor.NumericWeights, .. predictor.CategoryWeights];
        }
    }

    TrainingResult Run(ScriptedLearner learner, FeatureStore? validation, TrainingOptions options) =>
        new TrainingLoop(_clock).Run(learner, _train, validation, options, _reports, CancellationToken.None);
}

using System.Runtime.CompilerServices;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training.Tests.Linear;

namespace Capstan.Training.Tests.Learning;

public sealed class StreamTrainingTests
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(2, 5);

    readonly ManualClock _clock = new();

    [Fact]
    public async Task A_stream_teaches_what_its_batches_teach_one_by_one()
    {
        var random = new Random(1);
        TrainingBatch[] batches =
            [.. Enumerable.Range(0, 5).Select(_ => ExampleRows.Random(Layout, 100, random, _ => random.Next(2)))];
        using var validation = ExampleRows.Store(batches[0]);
        var byHand = NewLearner();
        var lossSum = batches.Sum(byHand.Learn);
        var reports = new ReportLog();

        var result = await new TrainingLoop(_clock).RunOnceAsync(
            NewLearner(),
            Stream(batches, CancellationToken.None),
            validation,
            TrainingOptions.Default with { ProgressEvery = 2 },
            1000,
            reports,
            CancellationToken.None);

        Assert.Equal(byHand.Freeze().Predict(batches[1]), result.Predictor.Predict(batches[1]));
        Assert.Equal(lossSum / 500, result.Best.TrainingLoss);
        var validationLoss = MeanLoss.Of(new Loss.Logistic(), result.Predictor, validation, 10, CancellationToken.None);
        Assert.Equal(validationLoss, result.Best.ValidationLoss ?? double.NaN, 12);
        Assert.Equal(new StopReason.Completed(1, 500), result.StopReason);
        Assert.Equal([200, 400, 500], reports.Select(report => report.RowsDone));
        Assert.All(reports, report => Assert.Equal(1000, report.RowsTotal));

        static FtrlLearner NewLearner() =>
            new(new Loss.Logistic(), Layout, new LabelMoments(2, 2, 0.5, 0.5), LinearOptions.Default);
    }

    [Fact]
    public async Task A_stream_without_rows_is_refused()
    {
        var learner = new ScriptedLearner(Layout, _ => 1, 1);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Run(learner, [], CancellationToken.None));
        Assert.Contains("held 0 rows", refusal.Message);
    }

    [Fact]
    public async Task A_loss_that_is_no_number_fails_with_its_batch()
    {
        TrainingBatch[] batches = [.. Enumerable.Repeat(ExampleRows.Random(Layout, 10, new Random(1)), 5)];
        var learner = new ScriptedLearner(Layout, batch => batch == 3 ? double.NaN : 1, 1);
        var failure = await Assert.ThrowsAsync<TrainingDivergedException>(() => Run(learner, batches, CancellationToken.None));
        Assert.Equal((1, 4L), (failure.EpochNumber, failure.BatchNumber));
    }

    [Fact]
    public async Task Cancelling_stops_before_the_next_batch()
    {
        using var cancelling = new CancellationTokenSource();
        TrainingBatch[] batches = [.. Enumerable.Repeat(ExampleRows.Random(Layout, 10, new Random(1)), 5)];
        var learner = new ScriptedLearner(Layout, batch => Cancel(batch == 1), 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(learner, batches, cancelling.Token));
        Assert.Equal(2, learner.BatchesLearned);

        double Cancel(bool now)
        {
            if (now)
            {
                cancelling.Cancel();
            }

            return 1;
        }
    }

    Task<TrainingResult> Run(ScriptedLearner learner, TrainingBatch[] batches, CancellationToken cancellationToken) =>
        new TrainingLoop(_clock).RunOnceAsync(
            learner, Stream(batches, CancellationToken.None), null, TrainingOptions.Default, null, null, cancellationToken);

    static async IAsyncEnumerable<TrainingBatch> Stream(
        TrainingBatch[] batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
        }
    }
}

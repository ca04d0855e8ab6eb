using Capstan.Data;
using Capstan.Training;

namespace Capstan.Conformance.Tests;

/// <summary>What it learns, and from what.</summary>
public sealed class LearningChecks : EstimatorChecks
{
    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_learns_more_than_the_label_alone_tells(string name)
    {
        var found = await EvaluateAsync(await ModelAsync(name));
        var baseline = await EvaluateAsync(await ModelAsync(EstimatorCase.All.First(each => each.Label == CaseOf(name).Label).Name));
        Assert.True(CaseOf(name).Promises.Learns ? found < 0.8 * baseline : found <= baseline, $"The error is {found}, the baseline's {baseline}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_same_rows_and_seed_give_the_same_model_with_any_number_of_threads(string name)
    {
        var model = await ModelAsync(name);
        foreach (var threads in new[] { 1, 3 })
        {
            Assert.Equal(model.Hash, (await TrainAsync(CaseOf(name).Pipeline, Learned, threads: threads)).Hash);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_training_stopped_and_run_again_comes_to_the_same_model_or_keeps_no_state_and_says_so(string name)
    {
        var each = CaseOf(name);
        var kept = new CheckpointOptions(Folder) { EveryBatches = 1 };
        if (!each.Promises.Resumes)
        {
            var refusal = await Assert.ThrowsAsync<CheckpointRefusedException>(() => TrainAsync(each.Pipeline, Learned, checkpoint: kept));
            Assert.Contains("no state that can be stored", refusal.Message);
            return;
        }

        using var stopping = new CancellationTokenSource();
        var stoppedAt = 0L;
        var stop = new Listener(report =>
        {
            if (report.RowsDone >= 600 && !stopping.IsCancellationRequested)
            {
                stoppedAt = report.RowsDone;
                stopping.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TrainAsync(each.Pipeline, Learned, stop, kept, token: stopping.Token));
        var from = long.MaxValue;
        var resumed = await TrainAsync(each.Pipeline, Learned, new Listener(report => from = Math.Min(from, report.RowsDone)), kept);
        Assert.Equal((await ModelAsync(name)).Hash, resumed.Hash);
        Assert.True(from >= stoppedAt, $"Stopped after {stoppedAt} rows, it went on from {from}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_constant_or_missing_label_and_no_rows_are_said(string name)
    {
        var pipeline = CaseOf(name).Pipeline;
        EstimatorRow[] constant = [.. Learned.Select(row => row with { Fare = 5, Late = true, Level = "low" })];
        EstimatorRow[] missing = [.. Learned.Select(row => row with { Fare = null, Late = null, Level = null })];
        Assert.Contains($"'{pipeline.Label}'", (await Assert.ThrowsAsync<LabelException>(() => TrainAsync(pipeline, constant))).Message);
        Assert.Contains($"'{pipeline.Label}'", (await Assert.ThrowsAsync<LabelException>(() => TrainAsync(pipeline, missing))).Message);
        Assert.Contains("no rows", (await Assert.ThrowsAsync<UnreadableDataException>(() => TrainAsync(pipeline, []))).Message);
    }
}

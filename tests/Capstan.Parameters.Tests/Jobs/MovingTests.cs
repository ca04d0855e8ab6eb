using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Servers that leave, folders that can't be written, workers that come and go.</summary>
public sealed class MovingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_server_that_leaves_hands_its_shards_over(int replicas)
    {
        using var rows = ExampleJob.Rows(4_000, 1);
        var job = Job(rows) with { Shards = 2, Replicas = replicas };
        using var members = new LocalMembers(3);
        using var training = members.Coordinate(job);
        var leaving = members.Servers[0];
        Task? drained = null;
        var progress = new Reports<TrainingProgress>(report =>
            drained ??= training.Director.DrainAsync(leaving.Address, CancellationToken.None));
        var worker = LocalMembers.Work(job, rows, training.Map);
        var result = await training.RunAsync(null, progress, CancellationToken.None);
        await drained!; // there was a report
        await worker;
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, null), result);
        Assert.Empty(leaving.ShardsOf(job.Id));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_is_said_and_the_job_goes_on()
    {
        using var rows = ExampleJob.Rows(1_000, 1);
        var job = Job(rows) with { CheckpointFolder = "/dev/full/checkpoints", CheckpointEvery = 3 };
        using var members = new LocalMembers(1);
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, null), await members.Train(job, rows, null, 1));
        Assert.Contains(members.Notices, notice => notice.Contains("could not be written") && notice.Contains("training goes on"));
    }

    [Fact]
    public async Task Workers_may_leave_and_others_begin_late()
    {
        using var rows = ExampleJob.Rows(4_000, 1);
        var job = Job(rows);
        using var members = new LocalMembers(1);
        using var training = members.Coordinate(job);
        using var leave = new CancellationTokenSource();
        var late = new TaskCompletionSource();
        var first = LocalMembers.Work(job, rows, training.Map, 1, leave.Token);
        var progress = new Reports<TrainingProgress>(_ => late.TrySetResult());
        var running = training.RunAsync(null, progress, CancellationToken.None);
        await late.Task;
        var second = LocalMembers.Work(job, rows, training.Map);
        await leave.CancelAsync();
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, null), await running);
        await second;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Rows_that_are_not_the_jobs_are_refused()
    {
        using var rows = ExampleJob.Rows(100, 1);
        using var others = ExampleJob.Rows(99, 1);
        using var members = new LocalMembers(1);
        using var training = members.Coordinate(Job(rows));
        var problem = await Assert.ThrowsAsync<ArgumentException>(() => LocalMembers.Work(Job(rows), others, training.Map));
        Assert.Contains("99 training rows", problem.Message);
    }

    static TrainingJob Job(FeatureStore rows) => ExampleJob.Of(
        rows, new DnnOptions { HiddenUnits = [16] }, new TrainingOptions { Epochs = 20, BatchSize = 300, Patience = null });

    sealed class Reports<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}

using Capstan.Features;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Linear models on parameter servers.</summary>
public sealed class LinearLaws
{
    [Theory]
    [InlineData(1, 1, 0, "logistic")]
    [InlineData(2, 3, 1, "squared")]
    [InlineData(3, 2, 0, "softmax")]
    [InlineData(4, 5, 2, "poisson")]
    public async Task Any_number_of_workers_and_shards_learns_what_one_machine_learns(int workers, int shards, int replicas, string loss)
    {
        using var rows = ExampleJob.Rows(3_000, 1, isWeighted: true);
        using var validation = ExampleJob.Rows(500, 2);
        var job = ExampleJob.Of(
            rows, new LinearOptions { L1 = 0.05f, L2 = 0.01f, ResidualLimit = float.PositiveInfinity },
            new TrainingOptions { Epochs = 3, BatchSize = 300, Patience = 2 }, LossOf(loss)) with { Shards = shards, Replicas = replicas };
        using var members = new LocalMembers(3);
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, validation), await members.Train(TrainingJobText.Parse(TrainingJobText.Of(job)), rows, validation, workers));
    }

    /// <summary>The servers make FTRL's steps, along the sums of batches.</summary>
    [Theory]
    [InlineData((byte)Consistency.Asynchronous, (byte)WireNumbers.Single, 1, "logistic")]
    [InlineData((byte)Consistency.Bounded, (byte)WireNumbers.BFloat16, 0, "logistic")]
    [InlineData((byte)Consistency.Asynchronous, (byte)WireNumbers.Single, 0, "softmax")]
    public async Task Without_waiting_the_loss_comes_close_to_one_machines(byte consistency, byte numbers, int replicas, string loss)
    {
        using var rows = ExampleJob.Rows(6_000, 1);
        using var validation = ExampleJob.Rows(2_000, 2);
        var job = ExampleJob.Of(rows, new LinearOptions(), new TrainingOptions { Epochs = 5, BatchSize = 64, Patience = null }, LossOf(loss)) with
        {
            Consistency = (Consistency)consistency, Numbers = (WireNumbers)numbers, Shards = 2, Replicas = replicas, MaxDelay = 3,
        };
        job = job with { LeastGradient = replicas == 0 ? 0.05f : 0 };
        using var members = new LocalMembers(2);
        var alone = ExampleJob.Alone(job, rows, validation).Best.ValidationLoss!.Value; // it is validated
        var together = (await members.Train(job, rows, validation, 3)).Best.ValidationLoss!.Value; // as above
        Assert.InRange(together, alone * 0.97, alone * 1.03);
    }

    [Fact]
    public async Task A_worker_pulls_the_rows_that_its_batch_needs_and_no_others()
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Category("hashed", 1_000_000)]);
        var job = new TrainingJob(
            $"job-{Guid.NewGuid():N}", new Loss.Logistic(), layout, new LearnerDefinition.Linear(new LinearOptions(), 0, 1),
            new TrainingOptions { BatchSize = 8 }, 80) { Shards = 2 };
        using var members = new LocalMembers(2);
        using var training = members.Coordinate(job);
        using var over = new CancellationTokenSource();
        var running = training.RunAsync(null, null, over.Token);
        var batch = new TrainingBatch(layout);
        batch.Resize(8);
        for (var row = 0; row < 8; row++)
        {
            batch.Features.Category(0)[row] = row / 2 * 300_000;
        }

        using var replica = Replica.Of(job, 1);
        using var client = new ParameterClient(job, await training.Map.GetAsync(job.Id, CancellationToken.None), replica, LocalMembers.Options, "worker");
        var needs = new TableRows(replica);
        needs.Set(batch, 0, 8);
        var before = client.BytesReceived;
        Assert.True(client.Pull(0, needs));

        // Three numbers for each of four categories, of the bias and of a numeric feature; of each shard a head of a frame and a mark at the end.
        Assert.InRange(client.BytesReceived - before, 6 * 12, 6 * 12 + 2 * (FrameHeader.Bytes + 8));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    static Loss LossOf(string name) => name switch
    {
        "squared" => new Loss.Squared(),
        "softmax" => new Loss.Softmax(2),
        "poisson" => new Loss.Poisson(),
        _ => new Loss.Logistic(),
    };
}

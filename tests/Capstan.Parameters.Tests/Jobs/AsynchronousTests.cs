using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Batches are learned as they come; each of them once.</summary>
public sealed class AsynchronousTests
{
    [Theory]
    [InlineData((byte)Consistency.Asynchronous, (byte)WireNumbers.Single, 0)]
    [InlineData((byte)Consistency.Asynchronous, (byte)WireNumbers.BFloat16, 1)]
    [InlineData((byte)Consistency.Bounded, (byte)WireNumbers.Single, 1)]
    [InlineData((byte)Consistency.Bounded, (byte)WireNumbers.Half, 0)]
    public async Task The_loss_comes_close_to_one_machines(byte consistency, byte numbers, int replicas)
    {
        using var rows = ExampleJob.Rows(6_000, 1);
        using var validation = ExampleJob.Rows(2_000, 2);
        var job = ExampleJob.Of(
            rows, new DnnOptions { HiddenUnits = [16], LearningRate = 0.005, Wide = new WideOptions { Categories = ["a"], Numerics = true } },
            new TrainingOptions { Epochs = 4, BatchSize = 128, Patience = null }) with
            {
                Consistency = (Consistency)consistency, Numbers = (WireNumbers)numbers, Shards = 2, Replicas = replicas, MaxDelay = 3,
                LeastGradient = replicas == 0 ? 1e-5f : 0,
            };
        using var members = new LocalMembers(2);
        var alone = ExampleJob.Alone(job, rows, validation).Best.ValidationLoss!.Value; // it is validated
        var together = (await members.Train(job, rows, validation, 3)).Best.ValidationLoss!.Value; // as above
        Assert.InRange(together, alone * 0.97, alone * 1.03);
    }

    [Fact]
    public async Task With_a_delay_of_0_every_batch_meets_the_parameters_that_one_machine_would_have()
    {
        using var rows = ExampleJob.Rows(2_000, 1);
        var job = ExampleJob.Of(rows, new DnnOptions { HiddenUnits = [8] }, new TrainingOptions { Epochs = 2, BatchSize = 128, Patience = null }) with
        {
            Consistency = Consistency.Bounded, MaxDelay = 0, Shards = 2,
        };
        using var members = new LocalMembers(2);
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, null), await members.Train(job, rows, null, 3));
    }
}

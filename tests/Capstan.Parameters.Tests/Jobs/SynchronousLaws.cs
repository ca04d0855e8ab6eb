using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Synchronous training comes to the bits of a single machine.</summary>
public sealed class SynchronousLaws
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(3, 2, 0)]
    [InlineData(2, 3, 1)]
    [InlineData(5, 7, 2)]
    public async Task Any_number_of_workers_and_shards_learns_what_one_machine_learns(int workers, int shards, int replicas)
    {
        using var rows = ExampleJob.Rows(3_000, 1, isWeighted: true);
        using var validation = ExampleJob.Rows(500, 2);
        var job = ExampleJob.Of(
            rows,
            new DnnOptions { HiddenUnits = [24, 12], L2 = 0.001, Dropout = 0.1, Wide = new WideOptions { Numerics = true, Categories = ["a", "c"] } },
            new TrainingOptions { Epochs = 3, BatchSize = 700, Patience = 2 }) with { Shards = shards, Replicas = replicas };
        using var members = new LocalMembers(3);
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, validation), await members.Train(job, rows, validation, workers));
    }

    [Theory]
    [InlineData(NetworkOptimizer.Adagrad, null, "squared", Activation.Relu)]
    [InlineData(NetworkOptimizer.Sgd, 0.5, "logistic", Activation.Relu)]
    [InlineData(NetworkOptimizer.Adam, 0.1, "softmax", Activation.Gelu)]
    public async Task Whatever_the_optimizer_the_loss_and_the_limit_of_gradients(
        NetworkOptimizer optimizer, double? norm, string loss, Activation activation)
    {
        using var rows = ExampleJob.Rows(1_000, 3);
        var job = ExampleJob.Of(
            rows,
            new DnnOptions { HiddenUnits = [10], Optimizer = optimizer, MaxGradientNorm = norm, Activation = activation, WarmupSteps = 3, DecaySteps = 9, L2 = 0.01 },
            new TrainingOptions { Epochs = 2, BatchSize = 300, Patience = null },
            loss switch { "squared" => new Loss.Squared(), "softmax" => new Loss.Softmax(2), _ => new Loss.Logistic() });
        using var members = new LocalMembers(1);
        ExampleJob.AssertSame(ExampleJob.Alone(job, rows, null), await members.Train(job, rows, null, 2));
    }

    [Fact]
    public async Task A_training_that_diverges_says_so_as_one_machine_does()
    {
        using var rows = ExampleJob.Rows(600, 3);
        var job = ExampleJob.Of(
            rows, new DnnOptions { LearningRate = 1e6, Optimizer = NetworkOptimizer.Sgd }, new TrainingOptions { Epochs = 2, BatchSize = 100 }, new Loss.Squared());
        using var members = new LocalMembers(1);
        var alone = Assert.Throws<TrainingDivergedException>(() => ExampleJob.Alone(job, rows, null));
        var together = await Assert.ThrowsAsync<TrainingDivergedException>(() => members.Train(job, rows, null, 2));
        Assert.Equal((alone.EpochNumber, alone.BatchNumber, alone.Loss), (together.EpochNumber, together.BatchNumber, together.Loss));
    }
}

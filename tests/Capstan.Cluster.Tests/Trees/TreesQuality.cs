using System.Text.Json;

namespace Capstan.Cluster.Tests.Trees;

/// <summary>A pipeline of trees as a job of real nodes, on real data, against one machine.</summary>
public sealed class TreesQuality
{
    [Fact]
    public async Task Two_workers_predict_incomes_as_well_as_one_machine()
    {
        var (train, test) = (SharedData.File("adult/adult_train.csv"), SharedData.File("adult/adult_test.csv"));
        var pipeline = new Pipeline
        {
            Label = "income", Estimator = new EstimatorDefinition { Kind = EstimatorKind.BoostedTreesClassifier, Trees = 100 },
        };
        var alone = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Dataset.Read(train), CancellationToken.None);
        await using var cluster = new TestCluster();
        await cluster.StartAsync();
        await cluster.StartAsync();
        var jobs = new JobStore(cluster.Database, "capstan", TimeProvider.System);
        var order = TrainingOrder.Of(pipeline, [train], Path.Combine(cluster.Folder, "model"));

        await jobs.TryAddAsync(
            new JobDefinition("incomes", TrainingOrder.Kind, order.Write(), cluster.Folder) { Workers = 2 }, CancellationToken.None);
        JobRecord? job = null;
        await TestCluster.UntilAsync("the job is over", async () => (job = await jobs.FindAsync("incomes", CancellationToken.None)) is { IsOver: true });

        Assert.Equal("done", job!.Reason);
        var shared = TrainedModel.Load(JsonSerializer.Deserialize<TrainingOutput>(job.Result)!.Folder);
        var (expected, found) = (await AucAsync(alone, test), await AucAsync(shared, test));
        Assert.InRange(found, expected - 0.002, expected + 0.002);
    }

    static async Task<double> AucAsync(TrainedModel model, string file) =>
        (await model.EvaluateAsync(Dataset.Read(file), CancellationToken.None))["auc"]!.Value;
}

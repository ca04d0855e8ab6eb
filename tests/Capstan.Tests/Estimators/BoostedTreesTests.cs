using Capstan.Models;

namespace Capstan.Tests.Estimators;

/// <summary>Boosted trees from the front: C#, pipeline, saved model.</summary>
public sealed class BoostedTreesTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Learned = Trips.Make(4000);
    static readonly Trip[] Held = Trips.Make(1500, seed: 2);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_fare_is_learned_and_the_saved_model_predicts_the_same_bits_in_batches_and_alone()
    {
        var model = await new BoostedTreesRegressor("Fare") { Trees = 150 }.FitAsync(Dataset.From(Learned), cancellationToken: Ct);
        Assert.InRange((await model.EvaluateAsync(Dataset.From(Held), Ct))["rmse"]!.Value, 0.2, 1);
        Assert.Equal("Distance", model.FeatureImportances[0].Feature);
        model.Save(_folder["model"]);
        var (batch, loaded) = (await model.PredictAsync(Held, Ct), TrainedModel.Load(_folder["model"]));
        Assert.Equal(batch, await loaded.PredictAsync(Held, Ct));
        Assert.Equal(batch[7], (await loaded.PredictAsync(Held[7..8], Ct))[0]);
    }

    [Fact]
    public async Task Two_classes_are_told_apart_and_any_number_of_threads_comes_to_the_same_model()
    {
        var models = new List<TrainedModel>();
        foreach (var threads in (int[])[1, 2])
        {
            models.Add(await new BoostedTreesClassifier("Late") { Trees = 50, BaggingShare = 0.8, FeatureShare = 0.8, Threads = threads }
                .FitAsync(Dataset.From(Learned), cancellationToken: Ct));
        }

        Assert.InRange((await models[0].EvaluateAsync(Dataset.From(Held), Ct))["auc"]!.Value, 0.75, 1);
        Assert.Equal(models[0].Artifact.Hash, models[1].Artifact.Hash);
    }

    [Fact]
    public async Task Monotone_features_are_named_by_their_feature()
    {
        var estimator = new BoostedTreesRegressor("Fare")
        {
            Trees = 40, Leaves = 8, MinExamplesInLeaf = 5, Monotone = new Dictionary<string, string> { ["Distance"] = "increasing" },
        };
        var model = await estimator.FitAsync(Dataset.From(Learned), cancellationToken: Ct);
        var trips = Enumerable.Range(0, 100).Select(step => Held[0] with { Distance = step * 0.2 }).ToArray();
        var fares = await model.PredictAsync(trips, Ct);
        Assert.Equal(fares.Order(), fares);
        Assert.Equal("increasing", Pipeline.Parse(estimator.Pipeline.ToJson()).Estimator.Monotone!["Distance"]);
    }

    [Fact]
    public void Knobs_out_of_range_and_of_other_families_are_all_named()
    {
        var trees = Problems(new EstimatorDefinition
        {
            Kind = EstimatorKind.BoostedTreesClassifier, Trees = 0, Leaves = 1, MaxDepth = 0, MinExamplesInLeaf = 0, BaggingShare = 0,
            FeatureShare = 2, MaxBins = 1, CategorySmoothing = -1, LearningRate = 2, Epochs = 3, BatchSize = 5, Stream = true,
            Monotone = new Dictionary<string, string> { ["a"] = "up" },
        });
        string[] names =
        [
            "trees", "leaves", "maxDepth", "minExamplesInLeaf", "baggingShare", "featureShare", "maxBins", "categorySmoothing",
            "learningRate", "epochs", "batchSize", "stream", "monotone.a",
        ];
        Assert.All(names, name => Assert.Contains($"estimator.{name}: ", trees));
        Assert.Contains(
            "estimator.trees: LinearClassifier has none", Problems(new EstimatorDefinition { Trees = 5 }));
    }

    static string Problems(EstimatorDefinition estimator) => Assert.Throws<PipelineException>(
        () => new Pipeline { Label = "a", Estimator = estimator }.Validate()).Message;
}

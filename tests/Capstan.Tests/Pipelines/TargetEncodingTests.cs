namespace Capstan.Tests;

/// <summary>Encoding by the label, from raw rows to an evaluation on rows that were not trained on.</summary>
public sealed class TargetEncodingTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Visit[] Train = Visits(4000, seed: 1);
    static readonly Visit[] Test = Visits(2000, seed: 2);

    [Fact]
    public async Task A_key_that_tells_something_helps_and_an_identifier_does_no_harm()
    {
        var without = await QualityOf("X");
        var shops = await QualityOf("X", "target_encode(Shop, Bought)");
        Assert.True(shops.Auc > without.Auc + 0.05 && shops.LogLoss < without.LogLoss - 0.05, $"{shops} with shops, {without} without");
        // Each identifier knows its row's label, which new rows do not have.
        var identifiers = await QualityOf("X", "target_encode(Id, Bought, smoothing: 0, min_rows: 1)");
        Assert.Equal(without.Auc, identifiers.Auc, 0.005);
        Assert.Equal(without.LogLoss, identifiers.LogLoss, 0.01);
        // What goes wrong without folds.
        var leaking = await QualityOf("X", "mean_by(Bought, Id, min_rows: 1)");
        Assert.True(leaking.LogLoss > without.LogLoss + 0.02, $"{leaking} leaking, {without} without");
    }

    [Fact]
    public async Task A_saved_model_serves_what_the_trained_one_does()
    {
        var model = await FitAsync("X", "target_encode(Shop, Bought)");
        using var folder = new TemporaryFolder();
        model.Save(folder["model"]);
        var read = TrainedModel.Load(folder["model"]);
        Assert.Equal(model.Hash, read.Hash);
        Assert.Equal((await model.EvaluateAsync(Dataset.From(Test), Ct))["auc"], (await read.EvaluateAsync(Dataset.From(Test), Ct))["auc"]);
        Assert.DoesNotContain("Bought", model.Artifact.Transform.Input.Names);
    }

    static async Task<(double Auc, double LogLoss)> QualityOf(params string[] features)
    {
        var evaluation = await (await FitAsync(features)).EvaluateAsync(Dataset.From(Test), Ct);
        return (evaluation["auc"]!.Value, evaluation["log_loss"]!.Value);
    }

    static Task<TrainedModel> FitAsync(params string[] features) => new PipelineTraining(
        new Pipeline
        {
            Label = "Bought",
            Features = features.Index().ToDictionary(feature => $"f{feature.Index}", feature => feature.Item),
            Validation = new ValidationDefinition { Share = 0 },
            Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearClassifier, Epochs = 10 },
        },
        TimeProvider.System, null).RunAsync(Dataset.From(Train), Ct);

    /// <summary>Each of 150 shops draws its visitors' wish to buy up or down; identifiers are new in every set.</summary>
    static Visit[] Visits(int count, int seed)
    {
        var (random, shops) = (new Random(seed), new Random(7));
        double[] pulls = [.. Enumerable.Range(0, 150).Select(_ => shops.NextDouble() * 4 - 2)];
        return
        [
            .. Enumerable.Range(0, count).Select(row =>
            {
                var (shop, x) = (random.Next(pulls.Length), random.NextDouble() * 4 - 2);
                return new Visit($"{seed}-{row}", $"shop {shop}", x, random.NextDouble() < 1 / (1 + Math.Exp(-x - pulls[shop])));
            }),
        ];
    }

    sealed record Visit(string Id, string Shop, double X, bool Bought);
}

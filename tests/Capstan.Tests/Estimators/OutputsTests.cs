using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Tests.Estimators;

/// <summary>What estimators can predict besides two classes and a mean, end to end.</summary>
public sealed class OutputsTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Learned = Trips.Make(4000);
    static readonly Trip[] Held = Trips.Make(1500, seed: 2);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier)]
    [InlineData(EstimatorKind.DnnClassifier)]
    [InlineData(EstimatorKind.DnnLinearCombinedClassifier)]
    public async Task Of_several_classes_the_likeliest_is_found_and_the_saved_model_says_the_same(EstimatorKind kind)
    {
        var model = await FitAsync(new EstimatorDefinition { Kind = kind, Epochs = 4 }, "Level");
        Assert.Equal(new ClassNames(["high", "low", "middle"], DataType.Text), model.Artifact.Label.Classes);
        Assert.Equal("Level", LabelText.Of(model.Artifact));
        var evaluation = await model.EvaluateAsync(Dataset.From(Levels(Held)), Ct);
        Assert.InRange(evaluation["accuracy"]!.Value, 0.9, 1);

        model.Save(_folder["model"]);
        var (batch, loaded) = (await model.PredictAsync(Levels(Held), Ct), TrainedModel.Load(_folder["model"]));
        Assert.Equal(Held.Length * 3, batch.Length);
        Assert.Equal(batch, await loaded.PredictAsync(Levels(Held), Ct));
        var found = Enumerable.Range(0, Held.Length).Count(row =>
            model.Artifact.Label.Classes!.Names[ModelOutput.LikeliestClass(batch.AsSpan(row * 3, 3))] == LevelOf(Held[row]));
        Assert.Equal(evaluation["accuracy"]!.Value, (double)found / Held.Length, 1e-9);
    }

    [Fact]
    public async Task A_class_that_training_never_saw_is_left_out_of_evaluation()
    {
        var model = await FitAsync(new EstimatorDefinition { Kind = EstimatorKind.LinearClassifier, Epochs = 1 }, "Level");
        var rows = Levels(Held).Select((row, index) => index % 3 == 0 ? row with { Level = "unheard of" } : row);
        Assert.Equal(1000, (await model.EvaluateAsync(Dataset.From(rows), Ct)).RowCount);
    }

    [Theory]
    [InlineData(EstimatorKind.LinearRegressor, "quantile(0.9)", 0.9)]
    [InlineData(EstimatorKind.LinearRegressor, "absolute", 0.5)]
    [InlineData(EstimatorKind.DnnRegressor, "quantile(0.1)", 0.1)]
    public async Task Of_a_quantile_as_many_labels_are_below_as_its_name_says(EstimatorKind kind, string loss, double expected)
    {
        var model = await FitAsync(new EstimatorDefinition { Kind = kind, Loss = loss, Epochs = 12 }, "Fare");
        var predictions = await model.PredictAsync(Levels(Held), Ct);
        var below = Held.Zip(predictions).Where(pair => pair.First.Fare is not null).Average(pair => pair.First.Fare < pair.Second ? 1.0 : 0.0);
        Assert.Equal(expected, below, 0.08);
    }

    [Theory]
    [InlineData(EstimatorKind.LinearRegressor, "poisson")]
    [InlineData(EstimatorKind.LinearRegressor, "gamma")]
    [InlineData(EstimatorKind.DnnRegressor, "gamma")]
    [InlineData(EstimatorKind.DnnLinearCombinedRegressor, "squared")]
    [InlineData(EstimatorKind.LinearRegressor, "huber(1.5)")]
    public async Task Other_losses_predict_in_the_labels_unit(EstimatorKind kind, string loss)
    {
        var model = await FitAsync(new EstimatorDefinition { Kind = kind, Loss = loss, Epochs = 8 }, "Fare");
        var evaluation = await model.EvaluateAsync(Dataset.From(Levels(Held)), Ct);
        Assert.InRange(evaluation["r2"]!.Value, 0.8, 1);
        Assert.InRange(Math.Abs(evaluation["bias"]!.Value), 0, 1);
    }

    [Fact]
    public async Task A_label_that_the_loss_has_no_use_for_is_refused_with_a_way_out()
    {
        var pipeline = new Pipeline
        {
            Label = "Fare - 10", Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearRegressor, Loss = "gamma" },
        };
        var refusal = await Assert.ThrowsAsync<PipelineException>(
            () => new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Dataset.From(Learned), Ct));
        Assert.Contains("the loss gamma expects a number above 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wide_feature_that_is_no_category_is_refused_by_name()
    {
        var estimator = new EstimatorDefinition { Kind = EstimatorKind.DnnLinearCombinedRegressor, Wide = ["Distance_scaled"] };
        var refusal = await Assert.ThrowsAsync<PipelineException>(() => FitAsync(estimator, "Fare"));
        Assert.Contains("'Distance_scaled' is no category feature", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_of_a_classifier_and_one_unheard_of_are_refused()
    {
        Assert.Contains("always learns by log loss", Refusal(EstimatorKind.DnnClassifier, "absolute"), StringComparison.Ordinal);
        Assert.Contains("'hinge' is no loss", Refusal(EstimatorKind.LinearRegressor, "hinge"), StringComparison.Ordinal);

        static string Refusal(EstimatorKind kind, string loss) => Assert.Throws<PipelineException>(
            () => new Pipeline { Label = "x", Estimator = new EstimatorDefinition { Kind = kind, Loss = loss } }.Validate()).Message;
    }

    [Fact]
    public async Task The_baseline_is_the_mean_and_the_shares()
    {
        var mean = await new BaselineRegressor("Fare").FitAsync(Dataset.From(Learned), null, Ct);
        Assert.Equal(0, (await mean.EvaluateAsync(Dataset.From(Learned), Ct))["r2"]!.Value, 1e-3);
        var median = await new BaselineRegressor("Fare") { Loss = new Loss.Absolute() }.FitAsync(Dataset.From(Learned), null, Ct);
        Assert.Equal("absolute", median.Artifact.Lineage.Pipeline.GetProperty("estimator").GetProperty("loss").GetString());
        var shares = await new BaselineClassifier("Late").FitAsync(Dataset.From(Learned), null, Ct);
        var evaluation = await shares.EvaluateAsync(Dataset.From(Learned), Ct);
        Assert.Equal((0.5, evaluation["positive_share"]!.Value), (evaluation["auc"]!.Value, (await shares.PredictAsync(Learned[..1], Ct))[0]), Close);

        static bool Close((double, double) expected, (double, double) found) =>
            expected.Item1 == found.Item1 && Math.Abs(expected.Item2 - found.Item2) < 0.02;
    }

    static Task<TrainedModel> FitAsync(EstimatorDefinition estimator, string label)
    {
        var pipeline = new Pipeline { Label = label, Exclude = label == "Level" ? ["Fare"] : ["Level"], Estimator = estimator };
        return new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Dataset.From(Levels(Learned)), Ct);
    }

    static IEnumerable<LevelledTrip> Levels(IEnumerable<Trip> trips) =>
        trips.Select(trip => new LevelledTrip(trip.Distance, trip.Riders, trip.Vendor, trip.Pickup, trip.Fare, LevelOf(trip)));

    static string LevelOf(Trip trip) => trip.Distance < 5 ? "low" : trip.Distance < 13 ? "middle" : "high";

    sealed record LevelledTrip(double Distance, int Riders, string Vendor, DateTime Pickup, double? Fare, string Level);
}

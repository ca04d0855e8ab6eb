using Capstan.Data;
using Capstan.Features;

namespace Capstan.Tests;

/// <summary>Going on from an earlier model, through the interfaces that a user has.</summary>
public sealed class WarmStartTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] January = Trips.Make(2000);
    static readonly Trip[] February = [.. Trips.Make(400, seed: 5).Select((trip, row) => row % 5 == 0 ? trip with { Vendor = "E" } : trip)];

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static Pipeline Late(EstimatorKind kind) => new()
    {
        Label = kind.IsClassifier() ? "Late" : "Fare",
        Features = new Dictionary<string, string>
        {
            ["distance"] = "z_score(Distance)", ["vendor"] = "vocabulary(Vendor)", ["hour"] = "bucketize(hour(Pickup), 8)",
        },
        Estimator = new EstimatorDefinition { Kind = kind, Epochs = 1 },
    };

    static Task<TrainedModel> Fit(Pipeline pipeline, Trip[] rows, TrainedModel? from = null, Reports? reports = null) =>
        new PipelineTraining(pipeline, TimeProvider.System, reports) { From = from }.RunAsync(Dataset.From(rows), Ct);

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier)]
    [InlineData(EstimatorKind.LinearRegressor)]
    [InlineData(EstimatorKind.DnnClassifier)]
    [InlineData(EstimatorKind.DnnRegressor)]
    [InlineData(EstimatorKind.DnnLinearCombinedClassifier)]
    [InlineData(EstimatorKind.DnnLinearCombinedRegressor)]
    public async Task Steps_too_small_to_matter_leave_the_earlier_models_predictions(EstimatorKind kind)
    {
        var still = Late(kind);
        still = still with
        {
            Estimator = still.Estimator with
            {
                LearningRate = 1e-9, WideLearningRate = kind.ToString().Contains("Combined") ? 1e-9 : null,
            },
        };
        var earlier = await Fit(Late(kind), January);
        var reports = new Reports();
        var later = await Fit(still, February, earlier, reports);
        var (was, now) = (await earlier.PredictAsync(February, Ct), await later.PredictAsync(February, Ct));
        // Buckets have moved with the quantiles of the new rows: compared where none has.
        Assert.Contains(reports.Notices, notice => notice.Contains("3 of 3 features are carried over", StringComparison.Ordinal));
        var same = was.Zip(now).Count(pair => Math.Abs(pair.First - pair.Second) <= 1e-3 * (1 + Math.Abs(pair.First)));
        Assert.True(same > 0.7 * was.Length, $"{same} of {was.Length}");
        Assert.Equal(earlier.Hash.ToString(), later.Artifact.Lineage.Parent);
    }

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier)]
    [InlineData(EstimatorKind.DnnClassifier)]
    [InlineData(EstimatorKind.DnnLinearCombinedClassifier)]
    public async Task A_few_new_rows_and_an_earlier_model_are_better_than_a_few_new_rows(EstimatorKind kind)
    {
        var earlier = await Fit(Late(kind), January);
        var few = February[..60];
        var test = Dataset.From(Trips.Make(2000, seed: 9));
        var (alone, on) = (await Fit(Late(kind), few), await Fit(Late(kind), few, earlier));
        var (aloneLoss, onLoss) = ((await alone.EvaluateAsync(test, Ct))["log_loss"], (await on.EvaluateAsync(test, Ct))["log_loss"]);
        Assert.True(onLoss < aloneLoss - 0.02, $"{onLoss} after {aloneLoss}");
    }

    [Fact]
    public async Task Classes_keep_their_places_where_new_rows_lack_some_and_an_unknown_class_is_refused()
    {
        var pipeline = new Pipeline { Label = "Vendor", Exclude = ["Key"], Estimator = new EstimatorDefinition { Epochs = 1 } };
        var earlier = await Fit(pipeline, January);
        var later = await Fit(pipeline, [.. January.Where(trip => trip.Vendor != "B")], earlier);
        Assert.Equal(["A", "B", "C", "D"], later.Artifact.Label.Classes!.Names);
        var refused = await Assert.ThrowsAsync<PipelineException>(() => Fit(pipeline, February, earlier));
        Assert.Contains("the new rows have the class 'E'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_family_another_label_and_another_link_are_refused_by_name()
    {
        var earlier = await Fit(Late(EstimatorKind.LinearRegressor), January);
        Assert.Contains(
            "is a LinearRegressor, and this pipeline trains a DnnRegressor", await Refusal(Late(EstimatorKind.DnnRegressor)), StringComparison.Ordinal);
        var other = Late(EstimatorKind.LinearRegressor);
        Assert.Contains(
            "predicts Fare, and this pipeline Distance", await Refusal(other with { Label = "Distance" }), StringComparison.Ordinal);
        var counts = other with { Estimator = other.Estimator with { Loss = "poisson" } };
        Assert.Contains("the link Identity, and this pipeline's loss has Log", await Refusal(counts), StringComparison.Ordinal);

        async Task<string> Refusal(Pipeline pipeline) =>
            (await Assert.ThrowsAsync<PipelineException>(() => Fit(pipeline, January, earlier))).Message;
    }

    [Fact]
    public async Task Other_hidden_units_keep_embeddings_and_a_baseline_keeps_nothing_and_both_say_so()
    {
        var wide = Late(EstimatorKind.DnnClassifier);
        var reports = new Reports();
        await Fit(
            wide with { Estimator = wide.Estimator with { HiddenUnits = [8] } }, February, await Fit(wide, January), reports);
        Assert.Contains(reports.Notices, notice => notice.EndsWith("layers are new, since hidden units or their activation differ", StringComparison.Ordinal));
        var baseline = Late(EstimatorKind.BaselineClassifier);
        var (earlier, later) = (await Fit(baseline, January), await Fit(baseline, February));
        Assert.Equal(await later.PredictAsync(February, Ct), await (await Fit(baseline, February, earlier, reports)).PredictAsync(February, Ct));
        Assert.Contains(reports.Notices, notice => notice.StartsWith("a baseline is what the new rows say", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Estimators_and_pipelines_name_the_model_to_begin_at()
    {
        var features = new Dictionary<string, Expr> { ["vendor"] = ExprParser.Parse("vocabulary(Vendor)") };
        var earlier = await new DnnClassifier("Late") { Features = features, HiddenUnits = [6], Epochs = 1 }.FitAsync(Dataset.From(January), null, Ct);
        var later = await new DnnClassifier("Late") { Features = features, Epochs = 1, From = earlier }.FitAsync(Dataset.From(February), null, Ct);
        // What the later estimator leaves open is as it was.
        Assert.Equal([6], Assert.IsType<Models.DnnPredictor>(later.Artifact.Predictor).Shape.HiddenUnits);
        earlier.Save(_folder["earlier"]);
        var pipeline = later.Artifact.Lineage.Pipeline.GetRawText();
        var filed = await Fit(Pipeline.Parse(pipeline) with { From = _folder["earlier"] }, February);
        Assert.Equal(later.Hash, filed.Hash);
        await Assert.ThrowsAsync<Models.CorruptArtifactException>(() => Fit(Pipeline.Parse(pipeline) with { From = _folder["none"] }, February));
    }

    [Fact]
    public async Task A_calibrated_model_goes_on_from_what_it_learned()
    {
        var pipeline = Late(EstimatorKind.LinearClassifier);
        var (plain, calibrated) = (await Fit(pipeline, January), await Fit(pipeline with { Calibration = Training.CalibrationKind.Platt }, January));
        Assert.IsType<Models.CalibratedPredictor>(calibrated.Artifact.Predictor);
        Assert.Equal(
            await (await Fit(pipeline, February, plain)).PredictAsync(February, Ct),
            await (await Fit(pipeline, February, calibrated)).PredictAsync(February, Ct));
    }

    [Fact]
    public async Task Trees_follow_those_of_the_earlier_model_and_refuse_to_lose_a_feature_that_they_ask_for()
    {
        var trees = Late(EstimatorKind.BoostedTreesClassifier) with
        {
            Estimator = new EstimatorDefinition { Kind = EstimatorKind.BoostedTreesClassifier, Trees = 20 },
            Validation = new ValidationDefinition { Share = 0 },
        };
        var (earlier, test) = (await Fit(trees, January), Dataset.From(Trips.Make(2000, seed: 9)));
        var few = February[..100];
        var reports = new Reports();
        var shorter = trees with { Estimator = trees.Estimator with { Trees = 5 } };
        var (alone, on) = (await Fit(trees, few), await Fit(shorter, few, earlier, reports));
        Assert.Equal(25, ((Models.BoostedTreesPredictor)on.Artifact.Predictor).Trees.TreeCount);
        Assert.Contains(reports.Notices, notice => notice.StartsWith("20 trees of model", StringComparison.Ordinal));
        var (aloneLoss, onLoss) = ((await alone.EvaluateAsync(test, Ct))["log_loss"], (await on.EvaluateAsync(test, Ct))["log_loss"]);
        Assert.True(onLoss < aloneLoss - 0.02, $"{onLoss} after {aloneLoss}");
        var without = trees with { Features = new Dictionary<string, string> { ["vendor"] = "vocabulary(Vendor)" } };
        var refused = await Assert.ThrowsAsync<PipelineException>(() => Fit(without, February, earlier));
        Assert.Contains("its trees ask for 'distance', 'hour', which the new features no longer have", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_another_start_is_refused()
    {
        var pipeline = Late(EstimatorKind.LinearClassifier);
        pipeline = pipeline with { Estimator = pipeline.Estimator with { BatchSize = 16 } };
        var (one, two) = (await Fit(pipeline, January), await Fit(pipeline, January[..1000]));
        var checkpoint = new Training.CheckpointOptions(_folder["kept"]) { EveryBatches = 1 };
        using var stop = new CancellationTokenSource();
        var stopped = new PipelineTraining(pipeline, TimeProvider.System, new StopAtLearning(stop)) { From = one, Checkpoint = checkpoint };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.RunAsync(Dataset.From(January), stop.Token));
        var refused = await Assert.ThrowsAsync<Training.CheckpointRefusedException>(
            () => new PipelineTraining(pipeline, TimeProvider.System, null) { From = two, Checkpoint = checkpoint }.RunAsync(Dataset.From(January), Ct));
        Assert.Contains("the model that it begins at", refused.Message, StringComparison.Ordinal);
        var resumed = await new PipelineTraining(pipeline, TimeProvider.System, null) { From = one, Checkpoint = checkpoint }
            .RunAsync(Dataset.From(January), Ct);
        Assert.Equal((await Fit(pipeline, January, one)).Hash, resumed.Hash);
    }

    sealed class StopAtLearning(CancellationTokenSource stop) : IProgress<TrainingReport>
    {
        public void Report(TrainingReport value)
        {
            if (value is TrainingReport.Learning)
            {
                stop.Cancel();
            }
        }
    }
}

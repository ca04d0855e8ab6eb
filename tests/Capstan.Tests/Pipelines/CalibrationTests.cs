using Capstan.Models;
using Capstan.Training;

namespace Capstan.Tests;

public sealed class CalibrationTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CalibrationKind.Platt)]
    [InlineData(CalibrationKind.Isotonic)]
    public async Task A_calibrated_model_is_saved_read_and_predicts_what_it_was_evaluated_on(CalibrationKind kind)
    {
        var trips = Dataset.From(Trips.Make(3000));
        var plain = await new LinearClassifier("Late") { Exclude = ["Key"], Epochs = 2 }.FitAsync(trips, null, Ct);
        var model = await new LinearClassifier("Late") { Exclude = ["Key"], Epochs = 2, Calibration = kind }.FitAsync(trips, null, Ct);
        Assert.IsType<CalibratedPredictor>(model.Artifact.Predictor);
        model.Save(_folder["model"]);
        var loaded = TrainedModel.Load(_folder["model"]);
        Assert.Equal(model.Hash, loaded.Hash);
        var test = Trips.Make(1500, seed: 2);
        Assert.Equal(await model.PredictAsync(test, Ct), await loaded.PredictAsync(test, Ct));

        var (before, after) = (await plain.EvaluateAsync(Dataset.From(test), Ct), await loaded.EvaluateAsync(Dataset.From(test), Ct));
        Assert.Equal(before["auc"]!.Value, after["auc"]!.Value, kind == CalibrationKind.Platt ? 1e-6 : 0.01);
        Assert.NotEqual(before["log_loss"], after["log_loss"]);
    }

    [Fact]
    public async Task Metrics_of_the_rows_held_out_are_not_flattered_by_the_calibration_made_from_them()
    {
        // Labels are the toss of a coin: nothing can be learned, and no calibration can better it on other rows.
        var random = new Random(1);
        var rows = Dataset.From(Enumerable.Range(0, 2000).Select(_ => new { X = random.NextDouble(), Late = random.Next(2) == 1 }).ToArray());
        var model = await new LinearClassifier("Late") { Calibration = CalibrationKind.Isotonic, Epochs = 2 }.FitAsync(rows, null, Ct);
        Assert.True(model.Artifact.Lineage.Metrics["log_loss"] > Math.Log(2) - 0.01, $"{model.Artifact.Lineage.Metrics["log_loss"]}");
    }

    [Theory]
    [InlineData("""{ "label": "Fare", "calibration": "platt", "estimator": { "kind": "LinearRegressor" } }""", "LinearRegressor predicts no probabilities")]
    [InlineData("""{ "label": "Late", "calibration": "platt", "validation": { "share": 0 } }""", "no rows are held out")]
    [InlineData("""{ "label": "Late", "calibration": "platt", "estimator": { "stream": true } }""", "no rows are held out")]
    [InlineData("""{ "label": "Late", "calibration": "beta" }""", "calibration")]
    public void What_can_not_be_calibrated_is_refused_before_any_data_is_read(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<PipelineException>(() => Pipeline.Parse(json)).Message);

    [Fact]
    public async Task Several_classes_are_refused_by_name()
    {
        var refusal = await Assert.ThrowsAsync<PipelineException>(() => new LinearClassifier("Vendor") { Calibration = CalibrationKind.Platt, Epochs = 1 }
            .FitAsync(Dataset.From(Trips.Make(500)), null, Ct));
        Assert.Contains("Vendor of 4 classes", refusal.Message);
    }
}

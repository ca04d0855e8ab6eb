using Capstan.Data;
using Capstan.Models;

namespace Capstan.Tests;

public sealed class ImportanceTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Held = Trips.Make(1200, seed: 2);

    static Task<TrainedModel> FitAsync(EstimatorKind kind, string label) => new PipelineTraining(
        new Pipeline
        {
            Label = label, Exclude = label == "Fare" ? ["Late"] : ["Fare"],
            Estimator = kind is EstimatorKind.BoostedTreesRegressor
                ? new EstimatorDefinition { Kind = kind, Trees = 20 }
                : new EstimatorDefinition { Kind = kind, Epochs = 5 },
        },
        TimeProvider.System, null).RunAsync(Dataset.From(Trips.Make(2000)), Ct);

    [Fact]
    public async Task A_column_that_is_the_label_is_worth_what_its_shuffled_values_are_off()
    {
        // The score is x, and so is the label: of shuffled values the root mean square error is √2 times x's deviation, 100 / √12.
        var rows = Enumerable.Range(0, 4000).Select(row => new Line(row % 1000 / 10.0, row % 7, row % 1000 / 10.0)).ToArray();
        var fitted = await new PipelineTraining(
            new Pipeline
            {
                Label = "Y", Features = new Dictionary<string, string> { ["x"] = "X / 100", ["other"] = "Other * 0" },
                Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearRegressor, Epochs = 1 },
            },
            TimeProvider.System, null).RunAsync(Dataset.From(rows), Ct);
        var exact = new TrainedModel("exact", fitted.Artifact with
        {
            Predictor = new LinearPredictor(ModelOutput.Value, fitted.Artifact.Transform.Output, 0f, [100, 0], []),
        });
        var found = await exact.ImportanceAsync(Dataset.From(rows), new ImportanceOptions { Repeats = 8 }, Ct);
        Assert.Equal(("rmse", 4000, 8), (found.Metric, found.Rows, found.Repeats));
        Assert.Equal(0, found.Value, 1e-4);
        Assert.Equal(["X", "Other"], found.Columns.Select(each => each.Column));
        Assert.Equal(Math.Sqrt(2) * 100 / Math.Sqrt(12), found.Columns[0].Drop, 1.0);
        Assert.InRange(found.Columns[0].Deviation, 0, 1);
        Assert.Equal((0, 0), (found.Columns[1].Drop, found.Columns[1].Deviation));
        Assert.Null(found.Columns[0].GainShare);
    }

    [Fact]
    public async Task What_a_label_depends_on_comes_first_and_the_seed_says_how_rows_are_shuffled()
    {
        var model = await FitAsync(EstimatorKind.LinearClassifier, "Late");
        Task<ColumnImportances> Measure(ulong seed) => model.ImportanceAsync(Dataset.From(Held), new ImportanceOptions { Seed = seed }, Ct);
        var found = await Measure(1);
        Assert.Equal(("auc", "Distance"), (found.Metric, found.Columns[0].Column));
        Assert.Equal((await model.EvaluateAsync(Dataset.From(Held), Ct))["auc"]!.Value, found.Value, 1e-12);
        Assert.Contains(found.Columns.Take(3), each => each.Column == "Vendor");
        Assert.InRange(found.Columns.Single(each => each.Column == "Riders").Drop, -0.01, 0.01);
        Assert.Equal(found.Columns, (await Measure(1)).Columns);
        Assert.NotEqual(found.Columns, (await Measure(2)).Columns);
    }

    [Fact]
    public async Task Trees_have_the_gains_of_their_splits_besides()
    {
        var found = await (await FitAsync(EstimatorKind.BoostedTreesRegressor, "Fare")).ImportanceAsync(Dataset.From(Held), null, Ct);
        Assert.Equal(1, found.Columns.Sum(each => each.GainShare!.Value), 1e-9);
        Assert.Equal("Distance", found.Columns[0].Column);
        Assert.True(found.Columns[0].GainShare > 0.9 && found.Columns[0].Splits > 20);
    }

    [Fact]
    public async Task Of_many_rows_a_sample_is_measured_on()
    {
        var model = await FitAsync(EstimatorKind.LinearRegressor, "Fare");
        var found = await model.ImportanceAsync(Dataset.From(Held), new ImportanceOptions { MostRows = 300 }, Ct);
        Assert.InRange(found.Rows, 100, 300);
        Assert.Equal("Distance", found.Columns[0].Column);
    }

    [Fact]
    public async Task What_can_not_be_measured_is_refused()
    {
        var model = await FitAsync(EstimatorKind.LinearClassifier, "Late");
        var late = Held.Where(trip => trip.Late).ToArray();
        Assert.Contains("all labels are the same", (await Assert.ThrowsAsync<UnreadableDataException>(() => model.ImportanceAsync(Dataset.From(late), null, Ct))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => model.ImportanceAsync(Dataset.From(Held), new ImportanceOptions { Repeats = 0 }, Ct));
    }

    sealed record Line(double X, int Other, double Y);
}

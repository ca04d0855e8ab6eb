using Capstan.Data;
using Capstan.Features;

namespace Capstan.Tests;

public sealed class PipelineTrainingTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Train = Trips.Make(3000);
    static readonly Trip[] Test = Trips.Make(1500, seed: 2);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static Task<TrainedModel> Fit(Pipeline pipeline, Dataset? data = null, Reports? reports = null) =>
        new PipelineTraining(pipeline, TimeProvider.System, reports).RunAsync(data ?? Dataset.From(Train), Ct);

    static Task<TrainedModel> Fit(string json, Dataset? data = null, Reports? reports = null) => Fit(Pipeline.Parse(json), data, reports);

    [Fact]
    public async Task Three_lines_lead_from_a_csv_file_to_an_evaluation()
    {
        var trips = Dataset.Read(Train.WriteCsv(_folder["train.csv"]));
        var model = await new LinearClassifier(label: "Late") { Exclude = ["Fare"] }.FitAsync(trips, null, Ct);
        var evaluation = await model.EvaluateAsync(Dataset.Read(Test.WriteCsv(_folder["test.csv"])), Ct);
        Assert.True(evaluation["auc"] > 0.8, evaluation.ToString());
        Assert.Equal(("train", 1500L), (model.Name, evaluation.RowCount));
    }

    [Theory]
    [InlineData("""{ "label": "Late", "exclude": ["Fare"], "estimator": { "epochs": 2 } }""")]
    [InlineData("""{ "label": "Fare", "estimator": { "kind": "LinearRegressor", "stream": true } }""")]
    public async Task A_model_does_not_depend_on_the_number_of_threads(string json)
    {
        string[] files = [.. Enumerable.Range(0, 4).Select(part => Trips.Make(3000 * part + 100, part + 10).WriteCsv(_folder[$"{part}.csv"]))];
        var models = new List<TrainedModel>();
        foreach (var threads in (int[])[1, 2, 6])
        {
            var training = new PipelineTraining(Pipeline.Parse(json), TimeProvider.System, null) { Threads = threads };
            models.Add(await training.RunAsync(Dataset.Read(files), Ct));
        }

        Assert.Single(models.Select(model => model.Hash).Distinct());
    }

    [Fact]
    public async Task Parquet_and_csv_of_the_same_rows_give_the_same_model()
    {
        var csv = Train.WriteCsv(_folder["trips.csv"]);
        using (var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SET threads=1; COPY (SELECT * FROM read_csv('{csv}')) TO '{_folder["trips.parquet"]}' (FORMAT parquet)";
            command.ExecuteNonQuery();
        }

        var pipeline = Pipeline.Parse("""{ "label": "Late", "exclude": ["Fare"] }""");
        Assert.Equal((await Fit(pipeline, Dataset.Read(csv))).Hash, (await Fit(pipeline, Dataset.Read(_folder["trips.parquet"]))).Hash);
    }

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier)]
    [InlineData(EstimatorKind.DnnClassifier)]
    public async Task The_same_seed_gives_the_same_model_and_another_seed_another(EstimatorKind kind)
    {
        var pipeline = new Pipeline { Label = "Late", Estimator = new EstimatorDefinition { Kind = kind, Epochs = 2 } };
        var first = await Fit(pipeline);
        Assert.Equal(first.Hash, (await Fit(pipeline)).Hash);
        Assert.NotEqual(first.Hash, (await Fit(pipeline with { Seed = 2 })).Hash);
    }

    [Theory]
    [InlineData(EstimatorKind.LinearRegressor, 1.5)]
    [InlineData(EstimatorKind.DnnRegressor, 2.5)]
    public async Task Regressors_learn_a_fare(EstimatorKind kind, double most)
    {
        var model = await Fit(new Pipeline { Label = "Fare", Exclude = ["Key", "Late"], Estimator = new EstimatorDefinition { Kind = kind } });
        var evaluation = await model.EvaluateAsync(Dataset.From(Test), Ct);
        Assert.True(evaluation["rmse"] < most, evaluation.ToString());
    }

    [Fact]
    public async Task Rows_without_a_label_are_left_out_and_counted()
    {
        var reports = new Reports();
        var model = await Fit("""{ "label": "Fare", "estimator": { "kind": "LinearRegressor", "epochs": 1 } }""", null, reports);
        var missing = Train.Count(trip => trip.Fare is null);
        Assert.Equal(missing, model.Artifact.Lineage.RowsWithoutLabel);
        Assert.Equal(Train.Length - missing, model.Artifact.Lineage.TrainingRows + model.Artifact.Lineage.ValidationRows);
        Assert.Contains($"{missing:N0} rows were left out because their label is missing", reports.Notices);
        Assert.Equal(Test.Count(trip => trip.Fare is not null), (await model.EvaluateAsync(Dataset.From(Test), Ct)).RowCount);
    }

    [Fact]
    public async Task A_stream_learns_in_one_pass_and_counts_rows_without_a_label_once()
    {
        var reports = new Reports();
        var model = await Fit("""{ "label": "Fare", "exclude": ["Key"], "estimator": { "kind": "LinearRegressor", "stream": true } }""", null, reports);
        var missing = Train.Count(trip => trip.Fare is null);
        Assert.Equal((missing, Train.Length - missing, 0), (model.Artifact.Lineage.RowsWithoutLabel, model.Artifact.Lineage.TrainingRows, model.Artifact.Lineage.ValidationRows));
        Assert.Contains(reports.Notices, notice => notice.StartsWith($"{missing:N0} rows", StringComparison.Ordinal));
        var evaluation = await model.EvaluateAsync(Dataset.From(Test), Ct);
        Assert.True(evaluation["r2"] > 0.8, evaluation.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_condition_that_is_always_true_cannot_be_learned(bool stream) => Assert.Contains(
        "all 3,000 training rows have the same value 1",
        (await Assert.ThrowsAsync<LabelException>(() => Fit(new Pipeline
        {
            Label = "Distance >= 0", Validation = new ValidationDefinition { Share = 0 }, Estimator = new EstimatorDefinition { Stream = stream },
        }))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_label_that_is_missing_in_every_row_cannot_be_learned(bool stream) => Assert.Contains(
        "missing in every training row",
        (await Assert.ThrowsAsync<LabelException>(() => Fit(new Pipeline { Label = "Distance / 0 > 1", Estimator = new EstimatorDefinition { Stream = stream } }))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Validation_holds_out_a_share_whole_keys_or_what_is_later()
    {
        var share = (await Fit("""{ "label": "Late", "validation": { "share": 0.25 }, "estimator": { "epochs": 1 } }""")).Artifact.Lineage;
        Assert.InRange(share.ValidationRows, 650, 850);
        Assert.Equal(3000, share.TrainingRows + share.ValidationRows);
        Assert.Contains("auc", share.Metrics.Keys);
        var key = (await Fit("""{ "label": "Late", "validation": { "share": 0.4, "key": "Vendor" }, "estimator": { "epochs": 1 }, "seed": 3 }""")).Artifact.Lineage;
        var sums = Enumerable.Range(0, 16).Select(subset => Train.Count(trip => (subset & 1 << "ABCD".IndexOf(trip.Vendor, StringComparison.Ordinal)) != 0));
        Assert.Contains((int)key.ValidationRows, sums);
        var time = (await Fit("""{ "label": "Late", "validation": { "time": "Pickup", "from": "2001-05-01" }, "estimator": { "epochs": 1 } }""")).Artifact.Lineage;
        Assert.Equal(Train.Count(trip => trip.Pickup >= new DateTime(2001, 5, 1)), time.ValidationRows);
        var none = (await Fit("""{ "label": "Late", "validation": { "share": 0 }, "estimator": { "epochs": 1 } }""")).Artifact.Lineage;
        Assert.Equal((3000, 0, 0), (none.TrainingRows, none.ValidationRows, none.Metrics.Count));
    }

    [Fact]
    public async Task A_filter_holds_for_learning_and_for_evaluation()
    {
        var model = await Fit("""{ "label": "Late", "filter": "Distance < 10 and Vendor != 'A'", "estimator": { "epochs": 1 } }""");
        bool Stays(Trip trip) => trip.Distance < 10 && trip.Vendor != "A";
        Assert.Equal(Train.Count(Stays), model.Artifact.Lineage.TrainingRows + model.Artifact.Lineage.ValidationRows);
        Assert.Equal(Test.Count(Stays), (await model.EvaluateAsync(Dataset.From(Test), Ct)).RowCount);
        Assert.Equal(Test.Count(Stays), (await (await Fit("""{ "label": "Late", "estimator": { "epochs": 1 } }""")).EvaluateAsync(Dataset.From(Test).Where("Distance < 10").Where("Vendor != 'A'"), Ct)).RowCount);
    }

    [Fact]
    public async Task Rows_of_weight_0_count_as_if_they_were_not_there()
    {
        var all = await Fit("""{ "label": "Late", "exclude": ["Vendor"], "weight": "if(Vendor == 'B', 0, 2)", "features": { "d": "z_score(Distance)" }, "estimator": { "epochs": 1 } }""");
        Assert.Equal(
            (await all.EvaluateAsync(Dataset.From(Test.Where(trip => trip.Vendor != "B")), Ct))["auc"]!.Value, (await all.EvaluateAsync(Dataset.From(Test), Ct))["auc"]!.Value, 12);
        await Assert.ThrowsAsync<PipelineException>(() => Fit("""{ "label": "Late", "weight": "0 - 1" }"""));
    }

    [Fact]
    public async Task Columns_of_the_label_the_weight_and_excluded_ones_make_no_features()
    {
        var model = await Fit("""{ "label": "Fare > 20", "weight": "Riders", "exclude": ["Late", "Vendor"], "estimator": { "epochs": 1 } }""");
        Assert.Equal(["Distance", "Night", "Pickup"], model.Artifact.Transform.Input.Names);
    }

    [Fact]
    public async Task Features_stand_alone_or_besides_automatic_ones()
    {
        var alone = await Fit("""{ "label": "Late", "features": { "d": "log1p(Distance)" }, "estimator": { "epochs": 1 } }""");
        Assert.Equal(["d"], alone.Artifact.Transform.Features.Select(feature => feature.Name));
        var both = await Fit("""{ "label": "Late", "features": { "d": "log1p(Distance)" }, "automaticFeatures": true, "estimator": { "epochs": 1 } }""");
        Assert.Superset(new HashSet<string> { "d", "Distance_scaled", "Vendor" }, both.Artifact.Transform.Features.Select(feature => feature.Name).ToHashSet());
    }

    [Theory]
    [InlineData("""{ "label": "Late", "exclude": ["Vendr"] }""", "Did you mean 'Vendor'?")]
    [InlineData("""{ "label": "Late", "features": { "a": "Vendor + 1", "b": "gone" } }""", "features.a")]
    [InlineData("""{ "label": "Late", "features": { "a": "Vendor + 1", "b": "gone" } }""", "features.b")]
    [InlineData("""{ "label": "Late", "exclude": ["Distance", "Riders", "Vendor", "Night", "Pickup", "Fare"] }""", "no column but")]
    public async Task What_does_not_fit_the_data_is_said_with_its_member(string json, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<PipelineException>(() => Fit(json))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Columns_without_a_feature_are_noted()
    {
        var reports = new Reports();
        await Fit("""{ "label": "Late", "estimator": { "epochs": 1 } }""", null, reports);
        Assert.Equal("column 'Key' makes no feature: it is constant, empty, or different in nearly every row", Assert.Single(reports.Notices));
        Assert.NotEmpty(reports.All.OfType<TrainingReport.Reading>());
        Assert.NotEmpty(reports.All.OfType<TrainingReport.Learning>());
    }

    [Fact]
    public async Task No_rows_at_all_are_refused() => await Assert.ThrowsAsync<UnreadableDataException>(() => Fit("""{ "label": "Late", "filter": "Distance < 0" }"""));

    [Fact]
    public async Task A_cancelled_training_stops()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new LinearClassifier("Late").FitAsync(Dataset.From(Train), null, cancelled.Token));
    }

    [Fact]
    public async Task A_sum_of_a_hundred_columns_can_be_saved_and_loaded()
    {
        var model = await Fit(new Pipeline
        {
            Label = "Late", Estimator = new EstimatorDefinition { Epochs = 1 },
            Features = new Dictionary<string, string> { ["sum"] = string.Join(" + ", Enumerable.Range(1, 150).Select(power => $"Distance * {power}")) },
        });
        model.Save(_folder["model"]);
        Assert.Equal(model.Hash, TrainedModel.Load(_folder["model"]).Hash);
    }

    [Fact]
    public async Task Kept_statistics_save_the_pass_that_finds_them_and_change_nothing()
    {
        using var folder = new TemporaryFolder();
        var kept = new AnalysisFolder(folder["analyses"]);
        var (first, second) = (new Reports(), new Reports());
        var pipeline = new Pipeline { Label = "Late", Estimator = new EstimatorDefinition { Epochs = 1 } };
        var once = await new PipelineTraining(pipeline, TimeProvider.System, first, kept).RunAsync(Dataset.From(Trips.Make(2000)), Ct);
        var again = await new PipelineTraining(pipeline, TimeProvider.System, second, kept).RunAsync(Dataset.From(Trips.Make(2000)), Ct);
        Assert.Equal(once.Hash, again.Hash);
        Assert.Contains("reading", first.All.OfType<TrainingReport.Reading>().Select(report => report.Stage));
        Assert.DoesNotContain("reading", second.All.OfType<TrainingReport.Reading>().Select(report => report.Stage));
    }
}

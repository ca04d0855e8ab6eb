using System.Collections.Concurrent;
using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Models;
using Capstan.Models.OnnxRuntime;
using Capstan.Training;

namespace Capstan.Conformance.Tests;

/// <summary>What every estimator promises, asked of every family in <see cref="EstimatorTable"/> on every task.</summary>
public sealed class EstimatorChecks : IDisposable
{
    static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    static readonly EstimatorRow[] Learned = EstimatorRows.Make(600);
    static readonly EstimatorRow[] Held = EstimatorRows.Make(300, seed: 2);
    static readonly ConcurrentDictionary<string, Task<TrainedModel>> Models = new();

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-estimators-").FullName;

    public static IEnumerable<TheoryDataRow<string>> Names => EstimatorCase.All.Select(each => new TheoryDataRow<string>(each.Name));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_learns_more_than_the_label_alone_tells(string name)
    {
        var found = await EvaluateAsync(await ModelAsync(name));
        var baseline = await EvaluateAsync(await ModelAsync(EstimatorCase.All.First(each => each.Label == CaseOf(name).Label).Name));
        Assert.True(CaseOf(name).Promises.Learns ? found < 0.8 * baseline : found <= baseline, $"The error is {found}, the baseline's {baseline}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_same_rows_and_seed_give_the_same_model_with_any_number_of_threads(string name)
    {
        var model = await ModelAsync(name);
        foreach (var threads in new[] { 1, 3 })
        {
            Assert.Equal(model.Hash, (await TrainAsync(CaseOf(name).Pipeline, Learned, threads: threads)).Hash);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_training_stopped_and_run_again_comes_to_the_same_model_or_keeps_no_state_and_says_so(string name)
    {
        var each = CaseOf(name);
        var kept = new CheckpointOptions(_folder) { EveryBatches = 1 };
        if (!each.Promises.Resumes)
        {
            var refusal = await Assert.ThrowsAsync<CheckpointRefusedException>(() => TrainAsync(each.Pipeline, Learned, checkpoint: kept));
            Assert.Contains("no state that can be stored", refusal.Message);
            return;
        }

        using var stopping = new CancellationTokenSource();
        var stoppedAt = 0L;
        var stop = new Listener(report =>
        {
            if (report.RowsDone >= 600 && !stopping.IsCancellationRequested)
            {
                stoppedAt = report.RowsDone;
                stopping.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TrainAsync(each.Pipeline, Learned, stop, kept, token: stopping.Token));
        var from = long.MaxValue;
        var resumed = await TrainAsync(each.Pipeline, Learned, new Listener(report => from = Math.Min(from, report.RowsDone)), kept);
        Assert.Equal((await ModelAsync(name)).Hash, resumed.Hash);
        Assert.True(from >= stoppedAt, $"Stopped after {stoppedAt} rows, it went on from {from}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rows_of_weight_0_teach_nothing(string name)
    {
        var each = CaseOf(name);
        var pipeline = each.Pipeline with { Weight = "Weight", Validation = new ValidationDefinition { Share = 0 } };
        EstimatorRow[] mixed = [.. Learned.SelectMany(row => (EstimatorRow[])[row, EstimatorRows.Opposite(row)])];
        var error = await EvaluateAsync(await TrainAsync(pipeline, mixed));
        var baseline = await EvaluateAsync(await ModelAsync(EstimatorCase.All.First(other => other.Label == each.Label).Name));
        Assert.True(error < (each.Promises.Learns ? 0.8 : 1.02) * baseline, $"The error is {error}, the baseline's {baseline}.");
        if (!each.Promises.WeightZeroIsAbsence)
        {
            return;
        }

        // In a stream rows keep their order, and features without statistics know nothing of other rows.
        pipeline = pipeline with
        {
            Features = new Dictionary<string, string>
            {
                ["distance"] = "impute((Distance - 10) / 5, 0)", ["vendor"] = "vocabulary(Vendor, ['A', 'B', 'C', 'D'])",
            },
            Estimator = pipeline.Estimator with { Stream = true, Epochs = 1 },
        };
        var (with, without) = (await TrainAsync(pipeline, mixed), await TrainAsync(pipeline, Learned));
        Assert.Equal(await with.PredictAsync(Held, Token), await without.PredictAsync(Held, Token));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Heavier_rows_count_for_more(string name)
    {
        var each = CaseOf(name);
        var pipeline = each.Pipeline with { Weight = "Weight", Validation = new ValidationDefinition { Share = 0 } };
        // The likeliest class, the positive one and the higher number: all have the last place or the only one, or "middle".
        bool IsFavoured(EstimatorRow row) => each.Label switch { "Fare" => row.Fare > 25, "Late" => row.Late == true, _ => row.Level == "middle" };
        EstimatorRow[] weighted = [.. Learned.Select(row => row with { Weight = IsFavoured(row) ? 2 : 1 })];
        EstimatorRow[] repeated = [.. Learned.SelectMany(row => Enumerable.Repeat(row, IsFavoured(row) ? 2 : 1))];
        var usual = await TrainAsync(pipeline, Learned);
        var heavy = await (await TrainAsync(pipeline, weighted)).PredictAsync(Held, Token);
        double Favour(float[] predictions) => predictions.Where((_, index) => each.Label != "Level" || index % 3 == 2).Average(value => (double)value);
        Assert.True(Favour(heavy) > Favour(await usual.PredictAsync(Held, Token)), "Weights changed nothing for the better.");
        if (each.Promises.WeightTwoIsTwice)
        {
            var twice = await (await TrainAsync(pipeline, repeated)).PredictAsync(Held, Token);
            Assert.All(heavy.Zip(twice), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + Math.Abs(pair.First))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Intervals_of_a_number_hold_it_as_often_as_promised_and_classes_have_none(string name)
    {
        var each = CaseOf(name);
        foreach (var method in Enum.GetValues<IntervalMethod>())
        {
            var pipeline = each.Pipeline with { Intervals = new IntervalDefinition(0.8, method), Validation = new ValidationDefinition { Share = 0.4 } };
            if (each.Label != "Fare")
            {
                Assert.Contains("intervals", (await Assert.ThrowsAsync<PipelineException>(() => TrainAsync(pipeline, Learned))).Message);
                continue;
            }

            var found = new List<double>();
            foreach (var seed in Enumerable.Range(10, 5))
            {
                var model = await TrainAsync(pipeline, EstimatorRows.Make(600, seed));
                var rows = EstimatorRows.Make(600, seed: seed + 100);
                var intervals = (await model.EvaluateAsync(Dataset.From(rows), new EvaluationOptions { Bootstrap = new BootstrapOptions { Replicates = 0 } }, Token)).Intervals;
                found.Add(intervals!.Coverage!.Value);
            }

            // By some 120 rows and on 600: a draw's coverage has a standard deviation of 0.04, the mean of five 0.018; four of those.
            Assert.InRange(found.Average(), 0.8 - 0.072, 0.8 + 0.01 + 0.072);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Missing_values_in_every_input_and_unseen_categories_are_predicted(string name)
    {
        var (model, row) = (await ModelAsync(name), Held.First(each => each is { Distance: not null, Vendor: not null, Night: not null }));
        EstimatorRow[] rows =
        [
            row with { Distance = null }, row with { Riders = null }, row with { Vendor = null }, row with { Night = null }, row with { Pickup = null },
            row with { Distance = null, Riders = null, Vendor = null, Night = null, Pickup = null }, row with { Vendor = "never seen" },
            row with { Vendor = "" }, row with { Distance = 1e30, Riders = int.MaxValue, Pickup = new DateTime(1900, 1, 1) },
        ];
        Assert.All(await model.PredictAsync(rows, Token), prediction => Assert.True(float.IsFinite(prediction)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rows_in_any_cut_are_predicted_with_the_same_bits_and_without_allocating(string name)
    {
        var model = await ModelAsync(name);
        var (scorer, rows, width) = (ScorerOf(model), await BatchAsync(model, Held), model.Artifact.Predictor.Output.Width);
        var whole = new float[rows.RowCount * width];
        scorer.Score(rows, whole);
        Assert.Equal(whole, await model.PredictAsync(Held, Token));
        foreach (var size in new[] { 1, 7, 128, 129 })
        {
            var part = new BatchBuilder(rows.Schema);
            for (var first = 0; first < rows.RowCount; first += size)
            {
                part.Clear();
                part.AppendRange(rows, first, Math.Min(size, rows.RowCount - first));
                var found = new float[part.Batch.RowCount * width];
                scorer.Score(part.Batch, found);
                Assert.Equal(whole[(first * width)..(first * width + found.Length)], found);
            }
        }

        Assert.Equal(0, Allocations.Of(() => scorer.Score(rows, whole)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_rows_have_no_predictions(string name)
    {
        var model = await ModelAsync(name);
        Assert.Empty(await model.PredictAsync(Array.Empty<EstimatorRow>(), Token));
        ScorerOf(model).Score(new BatchBuilder(model.Artifact.Transform.Input).Batch, []);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_saved_model_has_the_same_name_and_predicts_and_explains_the_same(string name)
    {
        var model = await ModelAsync(name);
        var place = Path.Combine(_folder, "model");
        model.Save(place);
        var loaded = TrainedModel.Load(place);
        Assert.Equal(model.Hash, loaded.Hash);
        Assert.Equal(await model.PredictAsync(Held, Token), await loaded.PredictAsync(Held, Token));
        var (ours, theirs) = (await model.ExplainAsync(Held[..5], cancellationToken: Token), await loaded.ExplainAsync(Held[..5], cancellationToken: Token));
        Assert.Equal(ours.SelectMany(each => each.Attributions), theirs.SelectMany(each => each.Attributions));
        Assert.Equal(await EvaluateAsync(model), await EvaluateAsync(loaded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task In_ONNX_Runtime_it_scores_as_here_or_is_refused_by_name(string name)
    {
        var model = await ModelAsync(name);
        if (CaseOf(name).Promises.OnnxBound is not { } bound)
        {
            Assert.Contains("no operators for this kind of model", Assert.Throws<OnnxNotSupportedException>(() => OnnxModelExport.Export(model.Artifact)).Message);
            return;
        }

        using var exported = new OnnxModel(OnnxModelExport.Export(model.Artifact));
        var rows = await BatchAsync(model, [.. Held, Held[0] with { Vendor = "never seen" }]);
        var expected = new float[rows.RowCount * model.Artifact.Predictor.Output.Width];
        ScorerOf(model).ScoreRaw(rows, expected);
        var found = (float[])exported.Run(rows)[exported.Outputs[0]];
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, bound * (1 + Math.Abs(pair.First))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exported_and_imported_it_predicts_evaluates_and_explains_as_before(string name)
    {
        var model = await ModelAsync(name);
        if (CaseOf(name).Promises.OnnxBound is not { } bound)
        {
            return;
        }

        var file = OnnxFile.Of("model.onnx", OnnxModelExport.Export(model.Artifact));
        (await TrainedModel.ImportAsync("model", file, new ImportOptions { Data = Dataset.From(Learned) }, Token)).Save(Path.Combine(_folder, "model"));
        var imported = TrainedModel.Load(Path.Combine(_folder, "model"));
        Assert.Equal(model.Artifact.Predictor.Output, imported.Artifact.Predictor.Output);
        Assert.Equal(model.Artifact.Label.Classes?.Names, imported.Artifact.Label.Classes?.Names);
        EstimatorRow[] rows = [.. Held, Held[0] with { Vendor = "never seen" }];
        var (expected, found) = (await model.PredictAsync(rows, Token), await imported.PredictAsync(rows, Token));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, (bound + 1e-7) * (1 + Math.Abs(pair.First))));
        Assert.Equal(await EvaluateAsync(model), await EvaluateAsync(imported), 1e-4);
        var explanations = await imported.ExplainAsync(Held[..2], cancellationToken: Token);
        Assert.All(explanations, each => Assert.Equal(each.Score, each.BaseScore + each.Attributions.Sum(column => column.Value), 1e-4 * (1 + Math.Abs(each.Score))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Attributions_add_up_to_the_score_and_a_column_it_does_not_read_has_none(string name)
    {
        var model = await ModelAsync(name);
        foreach (var (method, rows) in new[] { (AttributionMethod.Own, Held[..60]), (AttributionMethod.SampledShapley, Held[..4]) })
        {
            await foreach (var batch in model.ExplainAsync(Dataset.From(rows), [], method, Token))
            {
                Assert.Equal(model.Artifact.Transform.Input.Names, batch.Explainer.Columns);
                var (width, columns) = (batch.Explainer.Output.Width, batch.Explainer.Columns.Length);
                for (var index = 0; index < batch.Scores.Length; index++)
                {
                    var sum = batch.Explainer.BaseScores[index % width] + batch.Attributions.Slice(index * columns, columns).ToArray().Sum();
                    Assert.Equal(batch.Scores.Span[index], sum, 1e-4 * (1 + Math.Abs(sum)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Features_of_another_layout_and_scores_of_another_length_are_refused(string name)
    {
        var predictor = (await ModelAsync(name)).Artifact.Predictor;
        var (own, other) = (new FeatureBuffer(predictor.Features), new FeatureBuffer(new FeatureLayout([FeatureSpec.Numeric("other")])));
        own.Resize(2);
        other.Resize(2);
        var workspace = predictor.CreateWorkspace();
        Assert.Contains("features", Assert.Throws<ArgumentException>(() => predictor.Predict(other, new float[2 * predictor.Output.Width], workspace)).Message);
        Assert.Contains("2 rows", Assert.Throws<ArgumentException>(() => predictor.Predict(own, new float[2 * predictor.Output.Width + 1], workspace)).Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_constant_or_missing_label_and_no_rows_are_said(string name)
    {
        var pipeline = CaseOf(name).Pipeline;
        EstimatorRow[] constant = [.. Learned.Select(row => row with { Fare = 5, Late = true, Level = "low" })];
        EstimatorRow[] missing = [.. Learned.Select(row => row with { Fare = null, Late = null, Level = null })];
        Assert.Contains($"'{pipeline.Label}'", (await Assert.ThrowsAsync<LabelException>(() => TrainAsync(pipeline, constant))).Message);
        Assert.Contains($"'{pipeline.Label}'", (await Assert.ThrowsAsync<LabelException>(() => TrainAsync(pipeline, missing))).Message);
        Assert.Contains("no rows", (await Assert.ThrowsAsync<UnreadableDataException>(() => TrainAsync(pipeline, []))).Message);
    }

    static EstimatorCase CaseOf(string name) => EstimatorCase.All.Single(each => each.Name == name);

    static Task<TrainedModel> ModelAsync(string name) => Models.GetOrAdd(name, _ => TrainAsync(CaseOf(name).Pipeline, Learned, threads: 2));

    static Task<TrainedModel> TrainAsync(
        Pipeline pipeline, EstimatorRow[] rows, IProgress<TrainingReport>? progress = null, CheckpointOptions? checkpoint = null, int threads = 2,
        CancellationToken token = default) =>
        new PipelineTraining(pipeline, TimeProvider.System, progress) { Threads = threads, Checkpoint = checkpoint }.RunAsync(Dataset.From(rows), token);

    /// <summary>The root mean square error, or the log loss of classes, on rows held out.</summary>
    static async Task<double> EvaluateAsync(TrainedModel model)
    {
        var evaluation = await model.EvaluateAsync(Dataset.From(Held), Token);
        return evaluation[model.Artifact.Label.Classes is null ? "rmse" : "log_loss"]!.Value;
    }

    static ModelScorer ScorerOf(TrainedModel model) => new(model.Artifact.Transform, model.Artifact.Predictor);

    static async Task<ColumnBatch> BatchAsync(TrainedModel model, EstimatorRow[] rows)
    {
        await foreach (var batch in model.PredictAsync(Dataset.From(rows), [], Token))
        {
            var copy = new BatchBuilder(batch.Rows.Schema);
            copy.AppendRange(batch.Rows, 0, batch.Rows.RowCount);
            return copy.Batch;
        }

        throw new InvalidOperationException("There were no rows.");
    }

    sealed class Listener(Action<TrainingProgress> heard) : IProgress<TrainingReport>
    {
        public void Report(TrainingReport value)
        {
            if (value is TrainingReport.Learning learning)
            {
                heard(learning.Progress);
            }
        }
    }
}

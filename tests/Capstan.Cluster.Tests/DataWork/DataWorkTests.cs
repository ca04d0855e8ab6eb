using System.Text.Json;
using Capstan.Data;
using Capstan.Data.DuckDb;
using Capstan.Features;

namespace Capstan.Cluster.Tests;

/// <summary>Whatever a cluster does with data gives what one process gives, to the byte, for any number of workers and whoever dies.</summary>
public sealed class DataWorkTests : IDisposable
{
    // One of each kind of constant: moments, quantiles, vocabularies by frequency and by weight, by key, of the label, and one that needs a second pass.
    const string Pipeline =
        """
        { "label": "fare", "validation": { "share": 0.2 }, "features": {
            "z": "z_score(distance)", "b": "bucketize(distance, 7)", "g": "gaussianize(distance)", "v": "vocabulary(vendor)",
            "n": "vocabulary(note, max_size: 500)", "m": "mean_by(distance, vendor, min_rows: 2)", "t": "target_encode(note, fare, min_rows: 2)",
            "w": "vocabulary(note, max_size: 40, weight: impute(distance, 1))", "h": "hash(note, buckets: 64)", "zz": "z_score(z_score(distance) * 2)" },
          "estimator": { "kind": "LinearRegressor", "epochs": 2 } }
        """;

    static readonly Lazy<Task<TrainedModel>> Trained = new(async () =>
    {
        using var bench = new DataBench();
        return await new PipelineTraining(Capstan.Pipeline.Parse(Pipeline), TimeProvider.System, null).RunAsync(bench.Rows(), CancellationToken.None);
    });

    readonly DataBench _bench = new();

    public static TheoryData<int> Workers => [1, 2, 5, 16];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Workers))]
    public async Task Features_fitted_by_any_number_of_workers_are_those_of_one_process(int workers)
    {
        var training = new PipelineTraining(Capstan.Pipeline.Parse(Pipeline), TimeProvider.System, null);
        var alone = await training.FitFeaturesAsync(_bench.Rows(), _bench.Rows(), ["fare", "note"], Token);
        await alone.SaveAsync(_bench.At("alone.parquet"), null, Token);

        var order = _bench.Order(DataAction.Transform) with { Pipeline = Pipeline, Keep = ["fare", "note"], Out = _bench.At("shared.parquet") };
        var output = JsonSerializer.Deserialize<DataOutput>(await _bench.RunAsync(_bench.Job(order, workers)))!;

        AssertSame("alone.parquet", "shared.parquet");
        Assert.Equal(11 * 250, output.Rows);
        Assert.False(Directory.Exists(_bench.At("job/parts")));
    }

    [Fact]
    public async Task Shards_have_the_rows_that_one_process_gives_them()
    {
        var model = await ModelAsync();
        await model.Features(_bench.Rows(), "fare").SaveAsync(_bench.At("alone.csv"), 400, Token);

        var order = _bench.Order(DataAction.Transform) with { Model = _bench.At("model"), Keep = ["fare"], Out = _bench.At("shared.csv"), RowsPerFile = 400 };
        await _bench.RunAsync(_bench.Job(order, 3));

        foreach (var shard in Enumerable.Range(0, 7))
        {
            AssertSame($"alone-{shard:D5}.csv", $"shared-{shard:D5}.csv");
        }
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public async Task Predictions_are_those_of_one_process_in_the_order_of_the_rows(int workers)
    {
        await PredictAloneAsync(await ModelAsync());

        var order = _bench.Order(DataAction.Predict) with { Model = _bench.At("model"), Keep = ["note"], Out = _bench.At("shared.csv"), Threads = 2 };
        await _bench.RunAsync(_bench.Job(order, workers));

        AssertSame("alone.csv", "shared.csv");
    }

    [Fact]
    public async Task Intervals_are_those_of_one_process()
    {
        var pipeline = Capstan.Pipeline.Parse(
            """
            { "label": "fare", "validation": { "share": 0.3 }, "intervals": 0.8, "features": { "z": "z_score(distance)", "v": "vocabulary(vendor)" },
              "estimator": { "kind": "LinearRegressor", "epochs": 2 } }
            """);
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(_bench.Rows(), Token);
        model.Save(_bench.At("model"), overwrite: true);
        await PredictAloneAsync(model);
        var order = _bench.Order(DataAction.Predict) with { Model = _bench.At("model"), Keep = ["note"], Out = _bench.At("shared.csv") };

        await _bench.RunAsync(_bench.Job(order, 3));

        AssertSame("alone.csv", "shared.csv");
        Assert.StartsWith("note,prediction,lower,upper", File.ReadLines(_bench.At("shared.csv")).First());
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public async Task An_evaluation_is_that_of_one_process(int workers)
    {
        var model = await ModelAsync();
        var options = new EvaluationOptions { Slices = ["vendor", "distance"], Bootstrap = new() { Replicates = 20 } };
        var alone = await model.EvaluateAsync(_bench.Rows(), options, Token);

        var order = _bench.Order(DataAction.Evaluate) with { Model = _bench.At("model"), Slices = ["vendor", "distance"] };
        var job = _bench.Job(order, workers);
        await _bench.RunAsync(job);
        var answers = new DataAnswers(order, job, TimeProvider.System);
        var shared = await answers.EvaluationAsync(options, Token);

        Assert.Equal(alone.ToHtml(), shared.ToHtml());
        Assert.Equal(JsonSerializer.Serialize(alone.Overall), JsonSerializer.Serialize(shared.Overall));
        answers.Remove();
        var gone = await Assert.ThrowsAsync<JobFailedException>(() => answers.EvaluationAsync(options, Token));
        Assert.Contains("part-00.csv", gone.Message);
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public async Task Statistics_are_those_of_one_process(int workers)
    {
        var order = _bench.Order(DataAction.Describe) with { Where = "distance > 1" };
        var alone = await order.Dataset().DescribeAsync(Token);

        var job = _bench.Job(order, workers);
        await _bench.RunAsync(job);

        Assert.Equal(alone.ToBytes(), (await new DataAnswers(order, job, TimeProvider.System).StatisticsAsync(Token)).ToBytes());
    }

    [Theory]
    [InlineData("LinearRegressor", 1)]
    [InlineData("LinearRegressor", 5)]
    [InlineData("LinearRegressor", 16)]
    [InlineData("DnnRegressor", 2)]
    [InlineData("BaselineRegressor", 2)]
    public async Task A_model_of_rows_that_workers_analysed_and_transformed_has_the_hash_of_one_trained_alone(string estimator, int workers)
    {
        var pipeline = Capstan.Pipeline.Parse(Pipeline.Replace("LinearRegressor", estimator));
        var alone = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(_bench.Rows(), Token);
        var order = TrainingOrder.Of(pipeline, DataBench.Data, _bench.At("shared")) with { Folder = _bench.At("") };
        var job = _bench.Job(TrainingOrder.Kind, order.Write(), workers) with { ParameterServers = TrainingOrder.NeedsServers(pipeline) ? 1 : 0 };

        var output = JsonSerializer.Deserialize<TrainingOutput>(await _bench.RunAsync(job))!;

        Assert.Equal(alone.Hash.ToString(), output.Hash);
    }

    [Fact]
    public async Task Workers_that_end_in_the_middle_change_nothing()
    {
        var model = await ModelAsync();
        await model.Features(_bench.Rows()).SaveAsync(_bench.At("alone.csv"), null, Token);
        var order = _bench.Order(DataAction.Transform) with { Model = _bench.At("model"), Out = _bench.At("shared.csv") };

        var interrupted = 0;
        await _bench.RunAsync(
            _bench.Job(order, 4), async (job, ends) =>
            {
                await job.EndpointAsync(Token);
                await ends[0].CancelAsync();
            },
            Token, told: (text, over, ends) =>
            {
                // The job waits for this: its other parts are still to be done.
                if (text.StartsWith("rows: 1 of", StringComparison.Ordinal))
                {
                    _ = ends[1].CancelAsync();
                    _ = ends[2].CancelAsync();
                    interrupted++;
                }
            });

        Assert.Equal(1, interrupted);
        AssertSame("alone.csv", "shared.csv");
    }

    [Fact]
    public async Task The_next_coordinator_does_not_do_again_what_is_done()
    {
        var model = await ModelAsync();
        await model.Features(_bench.Rows()).SaveAsync(_bench.At("alone.csv"), null, Token);
        var order = _bench.Order(DataAction.Transform) with { Model = _bench.At("model"), Out = _bench.At("shared.csv") };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.RunAsync(
            _bench.Job(order, 1), (_, _) => Task.CompletedTask, Token, told: (text, over, ends) =>
            {
                // The job waits for this: its other parts are still to be done.
                if (text.StartsWith("rows: 2 of", StringComparison.Ordinal))
                {
                    _ = over.CancelAsync();
                }
            }));

        var done = Parts().ToDictionary(part => part, File.GetLastWriteTimeUtc);
        var damaged = done.Keys.First();
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..^1]);
        var kept = done.Keys.Skip(1).ToArray();
        var seen = new Dictionary<string, DateTime>();
        await _bench.RunAsync(
            _bench.Job(order, 2), async (coordination, _) =>
            {
                await coordination.EndpointAsync(Token);
                foreach (var part in kept.Where(File.Exists))
                {
                    seen[part] = File.GetLastWriteTimeUtc(part);
                }
            },
            Token);

        AssertSame("alone.csv", "shared.csv");
        Assert.All(seen, part => Assert.Equal(done[part.Key], part.Value));

        string[] Parts() => [.. Directory.GetFiles(_bench.At("job/parts"), "0*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file).Length == 6).Order()];
    }

    [Fact]
    public async Task Rows_left_out_are_told_as_one_process_tells_them()
    {
        File.AppendAllText(_bench.At("data/part-03.csv"), "broken,row\n");
        File.AppendAllText(_bench.At("data/part-09.csv"), "1,2,3\n4,5,6,7,8,9\n");
        var model = await ModelAsync();
        var order = _bench.Order(DataAction.Evaluate) with { Model = _bench.At("model"), OnBadRow = BadRowOrder.Skip };
        var alone = order.Dataset();
        await model.EvaluateAsync(alone, new EvaluationOptions { Bootstrap = new() { Replicates = 0 } }, Token);

        var job = _bench.Job(order, 3);
        var output = JsonSerializer.Deserialize<DataOutput>(await _bench.RunAsync(job))!;
        var answers = new DataAnswers(order, job, TimeProvider.System);
        await answers.EvaluationAsync(new EvaluationOptions { Bootstrap = new() { Replicates = 0 } }, Token);

        Assert.Equal(3, alone.BadRows.Count);
        Assert.Equal(alone.BadRows.ToString(), output.LeftOut.ToString());
        Assert.Equal(alone.BadRows.ToString(), answers.Rows.BadRows.ToString());
    }

    [Fact]
    public async Task A_worker_that_sees_no_file_or_another_one_says_who_it_is_and_which()
    {
        await ModelAsync();
        using var elsewhere = new DataBench(files: 11, rowsPerFile: 3);
        using var nowhere = new DataBench(files: 0);
        var order = _bench.Order(DataAction.Predict) with { Model = _bench.At("model"), Out = _bench.At("shared.csv") };
        var job = _bench.Job(order, 1);

        var other = await Assert.ThrowsAsync<JobFailedException>(() => _bench.RunAsync(
            job, (_, _) => Task.CompletedTask, Token, _ => job with { Work = (order with { Folder = elsewhere.At("") }).Write() }));
        var none = await Assert.ThrowsAsync<JobFailedException>(() => _bench.RunAsync(
            job, (_, _) => Task.CompletedTask, Token, _ => job with { Work = (order with { Folder = nowhere.At("") }).Write() }));

        Assert.Contains("worker-0 at 127.0.0.1: data/*.csv: it is not what the coordinator found", other.Message);
        Assert.Contains($"worker-0 at 127.0.0.1: {nowhere.At("data/*.csv")}: no file matches", none.Message);
        Assert.False(File.Exists(_bench.At("shared.csv")));
    }

    [Fact]
    public async Task Progress_tells_how_far_how_fast_and_how_long()
    {
        DataBench.Coordination? coordination = null;
        await _bench.RunAsync(_bench.Job(_bench.Order(DataAction.Describe), 2), (job, _) =>
        {
            coordination = job;
            return Task.CompletedTask;
        }, Token);

        var said = coordination!.Said; // it was run
        Assert.Contains(said, text => text == "statistics: 1 of 11 parts, 250 rows");
        Assert.Contains(said, text => text.StartsWith("statistics: 11 of 11 parts, 2,750 rows, ", StringComparison.Ordinal) && text.EndsWith(" rows/s, 0:00:00 left", StringComparison.Ordinal));
    }

    async Task<TrainedModel> ModelAsync()
    {
        (await Trained.Value).Save(_bench.At("model"), overwrite: true);
        return TrainedModel.Load(_bench.At("model"));
    }

    /// <summary>Writes what one process predicts, and the note before it.</summary>
    async Task PredictAloneAsync(TrainedModel model)
    {
        var columns = new PredictionColumns(model.Artifact, ["note"]);
        await using var sink = DataSinks.Create(_bench.At("alone.csv"), columns.SchemaOf((await _bench.Rows().OpenAsync(Token)).Schema), columns.Narrow);
        await foreach (var batch in model.PredictAsync(_bench.Rows(), ["note"], Token))
        {
            await sink.WriteAsync(columns.Of(batch), Token);
        }

        await sink.CompleteAsync(Token);
    }

    void AssertSame(string first, string second) => Assert.Equal(File.ReadAllBytes(_bench.At(first)), File.ReadAllBytes(_bench.At(second)));
}

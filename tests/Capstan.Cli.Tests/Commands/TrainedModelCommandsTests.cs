using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Capstan.Cli.Tests.Frame;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;
using Capstan.Training;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>evaluate, predict, show and serve over models that train made: they agree to the bit.</summary>
public sealed class TrainedModelCommandsTests
{
    const int NewRows = 400;

    static async Task<(Workplace Place, string Model, string New)> TrainAsync(string label, string estimator)
    {
        var place = await WithTripsAsync(1200);
        await new TripSimulator(2, NewRows, new TripDrift { MissingValues = 0.1 }).WriteCsvAsync(place.At("new.csv"), null, CancellationToken.None);
        await DoAsync("train", "--data", place.At("trips.csv"), "--label", label, "--estimator", estimator, "--out", place.At("trips"));
        return (place, place.At("trips"), place.At("new.csv"));
    }

    [Fact]
    public async Task Export_writes_the_model_as_one_file_that_library_and_command_agree_on()
    {
        var (place, model, _) = await TrainAsync("fare_amount > 15", "linear");
        using var cleaning = place;
        var written = await AskAsync("export", model, "--onnx", place.At("trips.onnx"));
        var bytes = await File.ReadAllBytesAsync(place.At("trips.onnx"));
        Assert.Equal(OnnxModelExport.Export(TrainedModel.Load(model).Artifact), bytes);
        Assert.Equal(bytes.Length, written.GetProperty("bytes").GetInt32());
        Assert.False(File.Exists(place.At("trips.onnx.part")));
    }

    [Theory]
    [InlineData("fare_amount", "linear")]
    [InlineData("fare_amount > 15", "linear")]
    [InlineData("fare_amount > 15", "dnn")]
    [InlineData("fare_amount > 15", "boosted-trees")]
    public async Task Batch_prediction_evaluation_and_serving_agree_to_the_bit(string label, string estimator)
    {
        var (place, model, file) = await TrainAsync(label, estimator);
        using var cleaning = place;
        var predicted = (await DoAsync("predict", model, file, "--keep", "fare_amount")).Output.TrimEnd().Split('\n').Skip(1).Select(line => line.Split(',')).ToArray();
        var predictions = predicted.Select(fields => float.Parse(fields[1], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(NewRows, predictions.Length);
        Assert.Equal(predicted.Select(fields => fields[1]), predictions.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        Assert.Equal(await PredictedInProcessAsync(model, file), predictions);
        if (label == "fare_amount")
        {
            var evaluator = Evaluators.For(ModelOutput.Value);
            evaluator.Add(predictions, [.. predicted.Select(fields => float.Parse(fields[0], CultureInfo.InvariantCulture))], [.. Enumerable.Repeat(1f, NewRows)]);
            var metrics = (await AskAsync("evaluate", model, file)).GetProperty("metrics");
            Assert.All(evaluator.Conclude().Metrics, metric => Assert.Equal(metric.Value, metrics.GetProperty(metric.Name).GetDouble()));
        }

        await using var server = await RunningServer.StartAsync(model);
        var answers = await server.PredictAsync(await RequestAsync(model, file));
        Assert.Equal(NewRows, answers.Length);
        for (var row = 0; row < NewRows; row++)
        {
            Assert.Equal(predictions[row], (answers[row].ValueKind == JsonValueKind.Number ? answers[row] : answers[row].GetProperty("probability")).GetSingle());
            if (predicted[row].Length > 2)
            {
                Assert.Equal(predicted[row][2], answers[row].GetProperty("label").GetRawText());
            }
        }

        Assert.Equal(ExitCodes.Ok, await server.StopAsync());
    }

    [Fact]
    public async Task Predictions_go_into_files_that_appear_whole()
    {
        var (place, model, file) = await TrainAsync("payment_type == 'cash'", "linear");
        using var cleaning = place;
        var told = await AskAsync("predict", model, file, "--keep", "vendor_id,passenger_count", "--out", place.At("out.jsonl"));
        Assert.Equal(NewRows, told.GetProperty("rows").GetInt64());
        var first = JsonDocument.Parse(File.ReadLines(place.At("out.jsonl")).First()).RootElement;
        Assert.Equal(["vendor_id", "passenger_count", "probability", "predicted"], first.EnumerateObject().Select(member => member.Name));
        Assert.Contains(first.GetProperty("predicted").ValueKind, (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False]);
        foreach (var name in new[] { "out.parquet", "out.arrow" })
        {
            await AskAsync("predict", model, file, "--keep", "vendor_id,passenger_count", "--out", place.At(name));
            Assert.Equal(await TableText.OfAsync(place.At("out.jsonl")), await TableText.OfAsync(place.At(name)));
        }

        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Usage, "predict", model, file, "--out", place.At("out.jsonl")));
        Assert.Contains(".parquet", await RefuseAsync(ExitCodes.Usage, "predict", model, file, "--out", place.At("out.xlsx")));
        Assert.Contains("written twice", await RefuseAsync(ExitCodes.Usage, "predict", model, file, "--keep", "vendor_id,vendor_id"));
        var entries = place.Entries.ToArray();
        File.AppendAllText(file, "broken\n");
        Assert.Contains("line 402", await RefuseAsync(ExitCodes.BadData, "predict", model, file, "--out", place.At("never.csv")));
        Assert.Contains("no column 'nope'", await RefuseAsync(ExitCodes.BadData, "predict", model, file, "--keep", "nope"));
        Assert.Contains("no row is left", await RefuseAsync(ExitCodes.BadData, "predict", model, file, "--where", "trip_distance > 1000", "--on-bad-row", "skip"));
        Assert.Equal(entries, place.Entries);
    }

    [Fact]
    public async Task Data_without_a_column_that_the_model_needs_is_refused()
    {
        var (place, model, _) = await TrainAsync("fare_amount", "linear");
        using var cleaning = place;
        var other = place.Write("other.csv", "pickup_datetime,fare_amount", "2024-01-01T00:00:00,3.5");
        Assert.Contains("There is no column 'pickup_longitude'", await RefuseAsync(ExitCodes.BadData, "predict", model, other));
        Assert.Contains("There is no column 'pickup_longitude'", await RefuseAsync(ExitCodes.BadData, "evaluate", model, other));
        var unlabelled = place.Write("unlabelled.csv", File.ReadLines(place.At("new.csv")).Select(line => line[..line.LastIndexOf(',')]));
        Assert.Contains("There is no column 'fare_amount'", await RefuseAsync(ExitCodes.BadData, "evaluate", model, unlabelled));
        await DoAsync("predict", model, unlabelled);
    }

    [Fact]
    public async Task A_classifiers_evaluation_shows_its_calibration()
    {
        var (place, model, file) = await TrainAsync("fare_amount > 15", "linear");
        using var cleaning = place;
        Assert.Contains("share of positives", (await DoAsync("evaluate", model, file)).Output);
        Assert.Contains("no row with a label", await RefuseAsync(ExitCodes.BadData, "evaluate", model, file, "--where", "trip_distance > 1000"));
        var found = await AskAsync("evaluate", model, file, "--where", "trip_distance > 2");
        Assert.InRange(found.GetProperty("rows").GetInt64(), 1, NewRows - 1);
        Assert.InRange(found.GetProperty("metrics").GetProperty("auc").GetDouble(), 0.8, 1);
        Assert.NotEqual(0, found.GetProperty("calibration").GetArrayLength());
    }

    [Fact]
    public async Task A_model_is_shown_with_its_example_and_the_prediction_for_it()
    {
        var (place, model, _) = await TrainAsync("fare_amount > 15", "linear");
        using var cleaning = place;
        var shown = await AskAsync("show", model);
        var artifact = ArtifactFolder.Read(model);
        Assert.Equal(artifact.Hash.ToString(), shown.GetProperty("hash").GetString());
        Assert.Equal(artifact.Golden.Predictions[0], shown.GetProperty("prediction").GetSingle());
        Assert.Equal(artifact.Transform.Features.Select(feature => feature.Expr.ToString()), shown.GetProperty("features").EnumerateObject().Select(feature => feature.Value.GetString()));
        Assert.Equal(1, shown.GetProperty("example").GetProperty("instances").GetArrayLength());
        Assert.Equal(artifact.Lineage.TrainingRows, shown.GetProperty("lineage").GetProperty("trainingRows").GetInt64());
        var text = (await DoAsync("show", model)).Output;
        Assert.Contains("binary classification of fare_amount > 15", text);
        Assert.Contains("… 167 in all]", text);
        Assert.DoesNotContain("167])", text);
    }

    [Fact]
    public async Task Trees_are_shown_with_what_each_feature_did_for_them()
    {
        var (place, model, _) = await TrainAsync("fare_amount", "boosted-trees");
        using var cleaning = place;
        var first = (await AskAsync("show", model)).GetProperty("featureImportances")[0];
        Assert.Equal(TrainedModel.Load(model).FeatureImportances[0].Feature, first.GetProperty("feature").GetString());
        Assert.True(first.GetProperty("gain").GetDouble() > 0 && first.GetProperty("splits").GetInt32() > 0);
        Assert.Contains("share of gain", (await DoAsync("show", model)).Output);
    }

    [Theory]
    [InlineData("transform.cbor")]
    [InlineData("predictor.cbor")]
    [InlineData("lineage.json")]
    public async Task A_flipped_byte_makes_every_command_refuse_the_model(string name)
    {
        var (place, model, file) = await TrainAsync("fare_amount", "linear");
        using var cleaning = place;
        var path = Path.Combine(model, name);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        foreach (var words in (string[][])[["show", model], ["evaluate", model, file], ["predict", model, file], ["serve", model, "--port", "0"]])
        {
            Assert.Contains(name, await RefuseAsync(ExitCodes.BadModel, words));
        }
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_refused()
    {
        using var place = new Workplace();
        Assert.Contains("there is no such folder", await RefuseAsync(ExitCodes.BadModel, "show", place.At("none")));
        Directory.CreateDirectory(place.At("empty"));
        Assert.Contains("is missing", await RefuseAsync(ExitCodes.BadModel, "serve", place.At("empty")));
    }

    [Fact]
    public async Task A_server_is_asked_for_in_a_way_that_can_be()
    {
        var (place, model, _) = await TrainAsync("fare_amount", "linear");
        using var cleaning = place;
        Assert.Contains("two models are named 'trips'", await RefuseAsync(ExitCodes.Usage, "serve", model, model));
        Assert.Contains("--name names one model", await RefuseAsync(ExitCodes.Usage, "serve", model, model, "--name", "x"));
        Assert.Contains("can't stand in a URL", await RefuseAsync(ExitCodes.Usage, "serve", model, "--name", "a b"));
        Assert.Contains("--host was given 'nowhere'", await RefuseAsync(ExitCodes.Usage, "serve", model, "--host", "nowhere"));
        Assert.Contains("expected 0 to 65535", await RefuseAsync(ExitCodes.Usage, "serve", model, "--port", "70000"));
        await using var server = await RunningServer.StartAsync(model, "--name", "fares");
        Assert.EndsWith("/v1/models/fares:predict", server.PredictUrl.ToString());
        Assert.Contains("Can't listen on", await RefuseAsync(ExitCodes.Failure, "serve", model, "--port", $"{server.PredictUrl.Port}"));
    }

    static async Task<float[]> PredictedInProcessAsync(string model, string file)
    {
        var predictions = new List<float>();
        await foreach (var batch in TrainedModel.Load(model).PredictAsync(Dataset.Read(file), []))
        {
            predictions.AddRange(batch.Predictions.Span);
        }

        return [.. predictions];
    }

    /// <summary>All rows of a file as one request.</summary>
    static async Task<byte[]> RequestAsync(string model, string file)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        await foreach (var batch in TrainedModel.Load(model).PredictAsync(Dataset.Read(file), []))
        {
            Assert.Equal(NewRows, batch.Rows.RowCount);
            InstanceWriter.Write(batch.Rows, 0, NewRows, bytes);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary><c>capstan serve</c> on a free port, in this process.</summary>
    sealed class RunningServer : IAsyncDisposable
    {
        readonly CancellationTokenSource _source = new();
        readonly HttpClient _http = new();
        readonly Task<int> _running;

        RunningServer(Task<int> running, CancellationTokenSource source, Uri predictUrl) => (_running, _source, PredictUrl) = (running, source, predictUrl);

        public Uri PredictUrl { get; }

        public static async Task<RunningServer> StartAsync(string model, params string[] more)
        {
            var (output, source) = (new AnnouncingWriter(), new CancellationTokenSource());
            var terminal = new CapturedTerminal().Terminal with { Output = output };
            var running = CommandLine.RunAsync(CommandLine.Commands, ["serve", model, "--port", "0", "--json", .. more], terminal, source.Token);
            await await Task.WhenAny(output.Flushed, running);
            Assert.True(output.Flushed.IsCompleted, "The server ended before it had started.");
            var url = JsonDocument.Parse(await output.Flushed).RootElement.GetProperty("models")[0].GetProperty("predict").GetString();
            return new RunningServer(running, source, new Uri(url!));
        }

        public async Task<JsonElement[]> PredictAsync(byte[] request)
        {
            using var content = new ByteArrayContent(request);
            content.Headers.ContentType = new("application/json");
            var response = await _http.PostAsync(PredictUrl, content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, text);
            return [.. JsonDocument.Parse(text).RootElement.GetProperty("predictions").EnumerateArray()];
        }

        public Task<int> StopAsync()
        {
            _source.Cancel();
            return _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _http.Dispose();
            _source.Dispose();
        }
    }

    /// <summary>Tells when what was written is flushed: the server's word that it answers.</summary>
    sealed class AnnouncingWriter : StringWriter
    {
        readonly TaskCompletionSource<string> _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Flushed => _flushed.Task;

        public override void Flush() => _flushed.TrySetResult(ToString());
    }
}

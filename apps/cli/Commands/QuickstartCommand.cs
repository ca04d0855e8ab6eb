using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan quickstart</c>: the main job from end to end on the flights that ship with Capstan, told step by step. Each
/// step is what the command of the same name does.
/// </summary>
sealed class QuickstartCommand : CapstanCommand
{
    const string Training = "month(date) < 6";
    const string Later = "month(date) == 6";
    const int Requests = 200;
    const int InstancesPerRequest = 5;

    readonly Option<string> _models = new("--out")
    {
        Description = "The folder that receives the models.",
        DefaultValueFactory = _ => "models",
    };

    public QuickstartCommand()
        : base(
            "quickstart", "The main job end to end, on real flights: describe, train, evaluate, freeze, serve, predict, compare.",
            new Example("capstan quickstart", "into the folder models"),
            new Example("capstan quickstart --out /tmp/models --json", "elsewhere, with the figures for a program")) =>
        Options.Add(_models);

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var samples = Path.Combine(RepositoryRoot(), "samples", "flights");
        var flights = Dataset.Read(Path.Combine(samples, "flights.parquet"));
        var folder = line.GetRequiredValue(_models);
        var story = new Story(session);

        story.Tell("1  The data: flights of US airlines in 2001 (US Department of Transportation, public domain).");
        var described = await DescribeAsync(flights, story, cancellationToken);

        story.Tell("\n2  Train on January to May: is a flight more than 15 minutes late? A linear model and a network.");
        var linear = await TrainAsync(Path.Combine(samples, "pipeline.json"), flights, session, story, cancellationToken);
        var network = await TrainAsync(Path.Combine(samples, "network.json"), flights, session, story, cancellationToken);

        story.Tell("\n3  Evaluate on June, which neither has seen.");
        var linearQuality = await EvaluateAsync(linear, flights, story, cancellationToken);
        var networkQuality = await EvaluateAsync(network, flights, story, cancellationToken);

        story.Tell("\n4  Freeze preprocessing and model into one artifact each, hashed and verified at every load.");
        foreach (var model in new[] { linear, network })
        {
            var path = Path.Combine(folder, model.Name);
            model.Save(path, overwrite: true);
            story.Tell($"   {path}   sha256 {model.Hash.Short}…   {SizeOf(path) / 1024.0:N0} KiB");
        }

        var best = networkQuality.PrimaryMetric.IsBetterThan(linearQuality.PrimaryMetric) ? network : linear;
        var bestPath = Path.Combine(folder, best.Name);
        story.Tell($"\n5  Serve {best.Name} from its folder and ask it over REST, with raw rows just as collected.");
        var served = await ServeAsync(TrainedModel.Load(bestPath), flights, story, cancellationToken);

        story.Tell($"\nDone in {watch.Elapsed.TotalSeconds:N0} s. What next:");
        story.Tell($"   ./capstan serve {bestPath}                          serve it, with a curl line to try");
        story.Tell($"   ./capstan show {bestPath}                           features, lineage, metrics");
        story.Tell("   ./capstan init YOUR_DATA.csv --label COLUMN          begin with your own data");
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteNumber("rows", described);
                json.WriteNumber("linearAuc", linearQuality["auc"]!.Value); // June has both classes
                json.WriteNumber("networkAuc", networkQuality["auc"]!.Value);
                json.WriteString("served", best.Name);
                json.WriteString("version", best.Hash.ToString());
                json.WriteNumber("predictionsCompared", served.Compared);
                json.WriteNumber("predictionsThatDiffer", served.Different);
                json.WriteNumber("seconds", watch.Elapsed.TotalSeconds);
            });
        }

        return served.Different == 0 ? ExitCodes.Ok : ExitCodes.Failure;
    }

    static async Task<long> DescribeAsync(Dataset flights, Story story, CancellationToken cancellationToken)
    {
        var statistics = await flights.DescribeAsync(cancellationToken);
        story.Tell($"   {statistics.RowCount:N0} rows: {statistics.Schema}");
        var delay = statistics["delay"].Quantiles!; // a number column's
        story.Tell(
            $"   delay in minutes: median {delay.Quantile(0.5):N0}, " +
            $"80 % at most {delay.Quantile(0.8):N0}, 99 % at most {delay.Quantile(0.99):N0}");
        return statistics.RowCount;
    }

    static async Task<TrainedModel> TrainAsync(
        string pipelineFile, Dataset flights, CommandSession session, Story story, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(pipelineFile, cancellationToken));
        var model = await session.WithProgressAsync(async progress =>
        {
            using var stages = new TrainingStages(progress);
            var training = new PipelineTraining(pipeline, session.Terminal.Time, stages);
            var trained = await training.RunAsync(flights.Where(Training), cancellationToken);
            stages.Complete();
            return trained;
        });
        var lineage = model.Artifact.Lineage;
        var layout = model.Artifact.Predictor.Features;
        story.Tell(
            $"   {model.Name,-22} {lineage.TrainingRows:N0} rows, " +
            $"{layout.Numerics.Length + layout.Categories.Length} features, {lineage.EpochsRun} epochs, " +
            $"{lineage.TrainingTime.TotalSeconds:N1} s, AUC {lineage.Metrics["auc"]:N4} on rows held out");
        return model;
    }

    static async Task<Evaluation> EvaluateAsync(
        TrainedModel model, Dataset flights, Story story, CancellationToken cancellationToken)
    {
        var quality = await model.EvaluateAsync(flights.Where(Later), cancellationToken);
        story.Tell(
            $"   {model.Name,-22} AUC {quality["auc"]:N4}, log loss {quality["log_loss"]:N4}, " +
            $"over {quality.RowCount:N0} flights");
        return quality;
    }

    /// <summary>Asks the served model and compares every answer with batch prediction, bit by bit.</summary>
    static async Task<(int Compared, int Different)> ServeAsync(
        TrainedModel model, Dataset flights, Story story, CancellationToken cancellationToken)
    {
        await using var server = await PredictionServer.StartAsync(
            [new ArtifactModel(model.Name, model.Artifact)], new PredictionServerOptions(), cancellationToken);
        using var client = new HttpClient { BaseAddress = server.Url };
        var address = $"v1/models/{model.Name}:predict";
        var (compared, different) = (0, 0);
        string? question = null, answer = null;
        var body = new ArrayBufferWriter<byte>();
        string[] inputs = [.. model.Artifact.Transform.Input.Names];
        await foreach (var batch in model.PredictAsync(flights.Where(Later), inputs, cancellationToken))
        {
            for (var first = 0;
                first + InstancesPerRequest <= batch.Rows.RowCount && compared < Requests * InstancesPerRequest;
                first += InstancesPerRequest)
            {
                body.ResetWrittenCount();
                InstanceWriter.Write(batch.Rows, first, InstancesPerRequest, body);
                using var response = await client.PostAsync(
                    address, new ReadOnlyMemoryContent(body.WrittenMemory), cancellationToken);
                answer = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
                question = System.Text.Encoding.UTF8.GetString(body.WrittenSpan);
                different += Differences(answer, batch.Predictions.Span.Slice(first, InstancesPerRequest));
                compared += InstancesPerRequest;
            }
        }

        story.Tell($"   POST {server.Url}{address}");
        story.Tell($"   {Shorten(question)}");
        story.Tell($"   → {Shorten(answer)}");
        story.Tell(different == 0
            ? $"   {compared:N0} predictions over REST: all equal to batch prediction, to the bit."
            : $"   {different:N0} of {compared:N0} predictions over REST differ from batch prediction. " +
                "This must not happen; please report it.");
        return (compared, different);
    }

    static int Differences(string answer, ReadOnlySpan<float> expected)
    {
        using var json = JsonDocument.Parse(answer);
        var different = 0;
        var row = 0;
        foreach (var prediction in json.RootElement.GetProperty("predictions").EnumerateArray())
        {
            var probability = prediction.GetProperty("probability").GetSingle();
            different += BitConverter.SingleToInt32Bits(probability) == BitConverter.SingleToInt32Bits(expected[row++]) ? 0 : 1;
        }

        return different + expected.Length - row;
    }

    static string Shorten(string? text) => text is { Length: > 110 } ? text[..109] + "…" : text ?? "";

    static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

    /// <summary>The samples lie beside the sources that this program was built from.</summary>
    static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Capstan.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new UsageException("The samples are not here: quickstart runs from Capstan's own folder, as ./capstan quickstart.");
    }

    /// <summary>What a person reads; nothing with --json.</summary>
    sealed class Story(CommandSession session)
    {
        public void Tell(FormattableString text) => Tell(text.ToString(CultureInfo.InvariantCulture));

        public void Tell(string text)
        {
            if (!session.Json && !session.Quiet)
            {
                session.Terminal.Output.WriteLine(text);
            }
        }
    }
}

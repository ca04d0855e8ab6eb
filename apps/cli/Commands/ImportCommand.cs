using System.CommandLine;
using Capstan.Models;
using Capstan.Models.OnnxRuntime;

namespace Capstan.Cli;

/// <summary><c>capstan import</c>: a model that was trained elsewhere as a model's folder.</summary>
sealed class ImportCommand : CapstanCommand
{
    const string ModelsFolder = "models";

    readonly Argument<string> _file = new("FILE") { Description = "An ONNX file." };
    readonly Option<string?> _name = new("--name") { Description = "The model's name; the file's without it.", HelpName = "NAME" };
    readonly Option<string?> _out = new("--out", "-o")
    {
        Description = $"The model's folder; {ModelsFolder}/NAME without it.", HelpName = "FOLDER",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the model if there is one." };
    readonly Option<string?> _label = new("--label", "-l")
    {
        Description = "What it predicts, a column or an expression: for 'capstan evaluate'.", HelpName = "LABEL",
    };

    readonly Option<string?> _columns = new("--columns", "-c")
    {
        Description = "Raw columns in the order of its inputs, with commas between; without, its inputs' names.", HelpName = "COLUMNS",
    };

    readonly Option<string?> _pipeline = new("--pipeline", "-p")
    {
        Description = "A pipeline file whose features are computed first and then given to the model, by name or in order.",
        HelpName = "PIPELINE",
    };

    readonly Option<string[]> _files = new("--data", "-d")
    {
        Description = "Rows such as it will predict: features are fitted on them, and their types and statistics kept.",
        HelpName = "FILES", AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<string?> _predicts = new("--predicts")
    {
        Description = "The output that is the prediction, where the file leaves that open.", HelpName = "OUTPUT",
    };

    readonly Option<string?> _scores = new("--scores")
    {
        Description = "What its numbers are: value, logits or probabilities.", HelpName = "KIND",
    };

    readonly Option<string?> _classes = new("--classes")
    {
        Description = "The classes in the order of its numbers, with commas between; of two, the second is the positive one.",
        HelpName = "CLASSES",
    };

    readonly DataOptions _data = new();
    readonly Option<int?> _threads = ThreadsOption.Create();

    public ImportCommand()
        : base(
            "import", "Make a model of an ONNX file that another program wrote, to predict, evaluate, explain and serve.",
            new Example("capstan import iris.onnx --label species", "raw columns in, called like its inputs"),
            new Example(
                "capstan import net.onnx --columns sepal_length,sepal_width,petal_length,petal_width --scores logits " +
                "--classes setosa,versicolor,virginica",
                "a network of one matrix, whose file names neither"),
            new Example(
                "capstan import fares.onnx --pipeline pipeline.json --data trips.csv", "behind features that Capstan computes"))
    {
        Arguments.Add(_file);
        foreach (var option in new Option[]
            { _label, _columns, _pipeline, _files, _predicts, _scores, _classes, _name, _out, _overwrite })
        {
            Options.Add(option);
        }

        Options.Add(_threads);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var file = line.GetRequiredValue(_file);
        var name = line.GetValue(_name) ?? Path.GetFileNameWithoutExtension(file);
        ModelName.Check(name);
        var folder = line.GetValue(_out) ?? Path.Combine(ModelsFolder, name);
        ArtifactFolder.CheckPlace(folder, line.GetValue(_overwrite));
        var foreign = OnnxFile.Read(file, new OnnxOptions
        {
            Output = line.GetValue(_predicts), Scores = ScoresOf(line.GetValue(_scores)), Classes = Split(line.GetValue(_classes)),
        });
        var options = new ImportOptions
        {
            Label = line.GetValue(_label),
            Columns = Split(line.GetValue(_columns)),
            Pipeline = line.GetValue(_pipeline) is { } pipeline ? await PipelineFile.ReadAsync(pipeline, cancellationToken) : null,
            Data = line.GetValue(_files) is { Length: > 0 } files ? _data.Dataset(line, files) : null,
            Threads = ThreadsOption.Of(line, _threads),
        };
        try
        {
            var model = await TrainedModel.ImportAsync(name, foreign, options, cancellationToken);
            model.Save(folder, line.GetValue(_overwrite));
            Tell(session, model, foreign, folder);
            return ExitCodes.Ok;
        }
        catch (ArgumentException problem) when (problem.GetType() == typeof(ArgumentException))
        {
            throw new UsageException(problem.Message);
        }
    }

    static OnnxScores? ScoresOf(string? name) => name switch
    {
        null => null,
        "value" => OnnxScores.Value,
        "logits" => OnnxScores.Logits,
        "probabilities" => OnnxScores.Probabilities,
        _ => throw new UsageException($"--scores was given '{name}', expected value, logits or probabilities."),
    };

    static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    static void Tell(CommandSession session, TrainedModel model, OnnxFile foreign, string folder)
    {
        var artifact = model.Artifact;
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("path", folder);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteString("task", artifact.Predictor.Output.Task.InWords());
                json.WriteString("label", LabelText.Of(artifact));
                json.WriteString("output", foreign.OutputName);
            });
            return;
        }

        var output = session.Terminal.Output;
        output.WriteLine(
            $"model       {model.Name}: {artifact.Predictor.Output.Task.InWords()} of {LabelText.Of(artifact)}, " +
            $"by its output '{foreign.OutputName}'");
        output.WriteLine($"from        {foreign.File}, {foreign.Description}");
        output.WriteLine($"columns     {artifact.Transform.Input}");
        if (artifact.Label.Classes is { } classes)
        {
            output.WriteLine($"classes     {ShortText.Of(classes.Names)}");
        }

        output.WriteLine($"hash        {model.Hash}");
        output.WriteLine($"saved       {folder}");
        session.Remark("Next:");
        session.Remark($"  capstan show {folder}");
        session.Remark($"  capstan serve {folder}");
    }
}

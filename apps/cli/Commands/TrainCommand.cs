using System.CommandLine;
using Capstan.Cluster;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary><c>capstan train</c>: from raw rows to a model's folder, by a pipeline file or by the label alone.</summary>
sealed class TrainCommand : CapstanCommand
{
    const string ModelsFolder = "models";

    readonly Argument<string?> _pipeline = new("PIPELINE")
    {
        Description = "A pipeline file; without one, --label says what to learn and the features are chosen.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<string[]> _files = new("--data", "-d")
    {
        Description = "Files or folders to learn from; * stands for any part of a name, ** for any folders.",
        HelpName = "FILES", Required = true, AllowMultipleArgumentsPerToken = true,
    };

    readonly DataOptions _data = new();
    readonly Option<string?> _label = new("--label", "-l")
    {
        Description = "What to predict: a column or an expression.", HelpName = "LABEL",
    };

    readonly Option<string?> _estimator = new("--estimator", "-e")
    {
        Description = $"With --label, one of {EstimatorNames.All}.", HelpName = "ESTIMATOR",
    };

    readonly Option<string?> _name = new("--name") { Description = "The model's name.", HelpName = "NAME" };
    readonly Option<string?> _out = new("--out", "-o")
    {
        Description = $"The model's folder; {ModelsFolder}/NAME without it.", HelpName = "FOLDER",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the model if there is one." };
    readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Same seed, data and pipeline: same model to the bit.", HelpName = "N",
    };

    readonly Option<string[]> _evaluate = new("--evaluate")
    {
        Description = "Files to evaluate the finished model on.", HelpName = "FILES", AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<string?> _analyses = new("--analyses")
    {
        Description = "A folder that keeps what passes over the data find out; trainings on the same rows then skip them.",
        HelpName = "FOLDER",
    };

    readonly Option<string?> _from = new("--from")
    {
        Description = "An earlier model to go on from, on new data; without a pipeline, with the pipeline that it was trained by.",
        HelpName = "MODEL",
    };

    readonly Option<bool> _pushdown = PushdownOption.Create();
    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly CheckpointOption _checkpoint = new();
    readonly WorkersOptions _workers = new();
    readonly Option<string?> _tensorBoard = new("--tensorboard")
    {
        Description = "A folder for the training's curves, for TensorBoard to show; one for each run.", HelpName = "FOLDER",
    };

    public TrainCommand()
        : base(
            "train", "Learn a model from data and save it as a folder.",
            new Example("capstan train pipeline.json --data trips.csv", "as the pipeline says, into models/trips"),
            new Example(
                "capstan train --data trips.csv --label fare_amount --out models/fares", "with features chosen from the data"),
            new Example(
                "capstan train pipeline.json --data 'postgresql://db/rides?table=trips' --pushdown",
                "constants found by PostgreSQL, rows read once"),
            new Example(
                "capstan train p.json --data 'jan*.csv' --evaluate june.csv --on-bad-row skip",
                "many files, with an evaluation on another"),
            new Example(
                "capstan train p.json --data trips.csv --checkpoint kept", "killed and run again, it goes on where it was"),
            new Example(
                "capstan train p.json --data trips.csv --workers 4 --parameter-servers 2", "the same model, by six processes"),
            new Example(
                "capstan train --from models/trips --data july.csv --out models/trips-july", "go on from an earlier model"))
    {
        Arguments.Add(_pipeline);
        foreach (var option in new Option[] { _files, _label, _estimator, _name, _out, _overwrite, _seed, _evaluate, _analyses,
            _from, _pushdown, _threads })
        {
            Options.Add(option);
        }

        _checkpoint.AddTo(this);
        Options.Add(_tensorBoard);
        _data.AddTo(this);
        _workers.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        PushdownOption.Check(line.GetValue(_pushdown), line.GetValue(_analyses));
        var checkpoint = _checkpoint.Of(line);
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var evaluationData = line.GetValue(_evaluate) is { Length: > 0 } files ? Dataset.Read(files) : null;
        var pipeline = await PipelineAsync(line, cancellationToken);
        var name = pipeline.Name ?? dataset.ShortName;
        ModelName.Check(name);
        var folder = line.GetValue(_out) ?? Path.Combine(ModelsFolder, name);
        ArtifactFolder.CheckPlace(folder, line.GetValue(_overwrite));
        if (evaluationData is not null)
        {
            // Files that are not there are better missed before the training than after it.
            await evaluationData.OpenAsync(cancellationToken);
        }

        TrainedModel model;
        IReadOnlyList<TrainingWarning> warnings;
        if (_workers.CountsOf(line, needsServers: TrainingOrder.NeedsServers(pipeline)) is { } counts)
        {
            var output = await new TrainOnCluster(_workers, line, session)
                .RunAsync(OrderOf(line, pipeline, folder), name, counts, cancellationToken);
            if (output is null)
            {
                return ExitCodes.Ok;
            }

            (model, warnings) = (TrainedModel.Load(output.Folder), output.Warnings);
            Tell(session, output.Notices, warnings);
        }
        else
        {
            (model, warnings) = await TrainAsync(line, session, pipeline, dataset, checkpoint, cancellationToken);
            Save(model, folder);
        }

        var evaluation = evaluationData is null ? null : (await Reading.RunAsync(
            session, "evaluating", evaluationData,
            watched => model.EvaluateAsync(watched, ThreadsOption.Of(line, _threads), cancellationToken))).Result;
        var outcome = new TrainingOutcome(model, folder, pipeline.Estimator.Kind, dataset.BadRows.Count, warnings, evaluation);
        outcome.Write(session);
        return ExitCodes.Ok;
    }

    async Task<(TrainedModel Model, IReadOnlyList<TrainingWarning> Warnings)> TrainAsync(
        ParseResult line, CommandSession session, Pipeline pipeline, Dataset dataset, CheckpointOptions? checkpoint,
        CancellationToken cancellationToken)
    {
        // What the passes over the data found out is kept with the checkpoints, where no other place is named.
        var pushdown = line.GetValue(_pushdown);
        var analyses = line.GetValue(_analyses) ?? (
            checkpoint is null || pushdown ? null : Path.Combine(checkpoint.Folder, "analyses"));
        var kept = analyses is null ? null : new AnalysisFolder(analyses);
        var (model, notices, warnings, analysed) = await session.WithProgressAsync(async progress =>
        {
            using var stages = new TrainingStages(progress);
            using var log = line.GetValue(_tensorBoard) is { } folder ? new TensorBoardLog(folder, TimeProvider.System, stages)
                : null;
            var training = new PipelineTraining(pipeline, TimeProvider.System, log ?? (IProgress<TrainingReport>)stages, kept)
            {
                Threads = ThreadsOption.Of(line, _threads), Pushdown = pushdown, Checkpoint = checkpoint,
            };
            var trained = await training.RunAsync(dataset, cancellationToken);
            stages.Complete();
            return (trained, stages.Notices, stages.Warnings, stages.Analysed);
        });
        Reading.Report(session, dataset.BadRows);
        PushdownOption.Tell(session, analysed, "here");
        Tell(session, notices, warnings);
        return (model, warnings);
    }

    static void Tell(CommandSession session, IEnumerable<string> notices, IEnumerable<TrainingWarning> warnings)
    {
        foreach (var notice in notices)
        {
            session.Remark($"Note: {notice}.");
        }

        foreach (var warning in warnings)
        {
            session.Remark($"Warning: {warning.Text}.");
        }
    }

    /// <summary>The same training for other processes, which find files from the same folder.</summary>
    TrainingOrder OrderOf(ParseResult line, Pipeline pipeline, string folder)
    {
        DataWorkersOptions.Refuse(line, [_pushdown, _analyses, _tensorBoard, .. _checkpoint.Options]);
        var (wire, least) = _workers.TravelOf(line);
        var shared = pipeline with { From = pipeline.From is null ? null : Path.GetFullPath(pipeline.From) };
        return _data.ShareRows(line, TrainingOrder.Of(
            shared, [.. line.GetRequiredValue(_files)], Path.GetFullPath(folder)) with
        {
            Folder = Directory.GetCurrentDirectory(),
            Consistency = _workers.ConsistencyOf(line), Wire = wire, LeastGradient = least, Threads = line.GetValue(_threads) ?? 1,
        });
    }

    async Task<Pipeline> PipelineAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var (file, label, estimator) = (line.GetValue(_pipeline), line.GetValue(_label), line.GetValue(_estimator));
        var from = line.GetValue(_from);
        var pipeline = (file, label) switch
        {
            ({ } path, null) when estimator is null => await PipelineFile.ReadAsync(path, cancellationToken),
            ({ } path, _) => throw new UsageException(
                $"--label and --estimator stand in the pipeline file; change {path}, or leave it out."),
            (null, null) when from is not null => estimator is null
                ? Pipeline.Parse(TrainedModel.Load(from).Artifact.Lineage.Pipeline.GetRawText())
                : throw new UsageException("--estimator says what a --label is learned by; a model that --from names has its own."),
            (null, { } text) => await ChooseAsync(line, text, estimator, cancellationToken),
            _ => throw new UsageException(
                "there is nothing to learn: name a pipeline file, or say --label COLUMN or --from MODEL. 'capstan init' writes a pipeline."),
        };
        pipeline = pipeline with
        {
            Name = line.GetValue(_name) ?? pipeline.Name,
            Seed = line.GetValue(_seed) ?? pipeline.Seed,
            From = from ?? pipeline.From,
        };
        pipeline.Validate();
        return pipeline;
    }

    async Task<Pipeline> ChooseAsync(ParseResult line, string label, string? estimator, CancellationToken cancellationToken)
    {
        var (family, kind) = EstimatorNames.Parse(estimator);
        return kind is { } chosen
            ? new Pipeline { Label = label, Estimator = new EstimatorDefinition { Kind = chosen } }
            : await PipelineDraft.ForLabelAsync(
                _data.DatasetForALook(line, line.GetRequiredValue(_files)), label, family, cancellationToken);
    }

    static void Save(TrainedModel model, string folder)
    {
        try
        {
            model.Save(folder, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableFileException(folder, cause.Message, cause);
        }
    }
}

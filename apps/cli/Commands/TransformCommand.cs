using System.CommandLine;
using Capstan.Cluster;
using Capstan.Data.DuckDb;
using Capstan.Data.PostgreSql;
using Capstan.Features;

namespace Capstan.Cli;

/// <summary><c>capstan transform</c>: the features of some rows, as the model sees them, into a file.</summary>
sealed class TransformCommand : CapstanCommand
{
    readonly Argument<string> _subject = new("MODEL|PIPELINE")
    {
        Description = "A model's folder, or a pipeline file to fit first.",
    };

    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string> _out = new("--out", "-o")
    {
        Description = $"The file for the features, by its extension: {DataSinks.Extensions}.", HelpName = "FILE", Required = true,
    };

    readonly Option<string?> _keep = new("--keep", "-k")
    {
        Description = "Raw columns to write before the features, with commas between.", HelpName = "COLUMNS",
    };

    readonly Option<long?> _shardRows = new("--shard-rows")
    {
        Description = "Several files of so many rows: features-00000.parquet and so on.", HelpName = "N",
    };

    readonly Option<string?> _analyses = new("--analyses")
    {
        Description = "For a pipeline: a folder that keeps what passes over the data find out.", HelpName = "FOLDER",
    };

    readonly Option<bool> _pushdown = PushdownOption.Create();
    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly DataWorkersOptions _workers = new();
    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace files that are there." };

    public TransformCommand()
        : base(
            "transform", "Write the features of some rows, as a model sees them, into a file.",
            new Example(
                "capstan transform models/trips new.csv --out features.parquet", "numbers and categories, one column each"),
            new Example(
                "capstan transform pipeline.json 'trips*.csv' --keep fare_amount --shard-rows 1000000 --out features.arrow",
                "features fitted on the data itself, with the label, in files of a million rows"),
            new Example("capstan transform pipeline.json 'trips*.csv' --workers 4 --out features.parquet", "the same, by four processes"))
    {
        Arguments.Add(_subject);
        Arguments.Add(_files);
        foreach (var option in new Option[] { _out, _keep, _shardRows, _analyses, _pushdown, _threads, _overwrite })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
        _workers.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (path, shardRows) = (line.GetRequiredValue(_out), line.GetValue(_shardRows));
        var former = Check(path, shardRows, line.GetValue(_overwrite));
        var keep = line.GetValue(_keep)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (_workers.CountOf(line) is { } workers)
        {
            var order = await OrderOf(line, path, keep, cancellationToken) with { RowsPerFile = shardRows };
            if (await new DataOnCluster(_workers, workers, line, session).WriteAsync(order, cancellationToken) is { } output)
            {
                Tell(session, RowSinks.NameOf(path), shardRows, output.Rows, output.LeftOut.Count, former);
            }

            return ExitCodes.Ok;
        }

        var features = await FeaturesAsync(line, session, keep, cancellationToken);
        try
        {
            var (rows, leftOut) = await Reading.RunAsync(
                session, "computing features", features, watched =>
                    watched.SaveAsync(path, shardRows, ThreadsOption.Of(line, _threads), cancellationToken));
            Tell(session, RowSinks.NameOf(path), shardRows, rows, leftOut.Count, former);
        }
        catch (ArgumentException clash) when (clash.ParamName == "keep")
        {
            throw new UsageException(clash.Message);
        }

        return ExitCodes.Ok;
    }

    /// <returns>Files of an earlier run that this one replaces.</returns>
    static IReadOnlyList<string> Check(string path, long? shardRows, bool overwrite)
    {
        if (!RowSinks.CanWrite(path))
        {
            throw new UsageException($"--out was given '{path}', expected {RowSinks.Places}.");
        }

        if (PostgreSqlAddress.IsAddress(path))
        {
            return shardRows is null ? [] : throw new UsageException("--shard-rows goes with files; a table holds all rows.");
        }

        if (shardRows < 1)
        {
            throw new UsageException($"--shard-rows was given {shardRows}, expected 1 or more.");
        }

        var former = shardRows is null ? File.Exists(path) ? [path] : [] : DataSinks.Shards(path);
        return former.Count == 0 || overwrite
            ? former
            : throw new UsageException($"'{former[0]}' exists already. Choose another file with --out, or say --overwrite.");
    }

    /// <summary>The same work for the members of a cluster.</summary>
    async Task<DataOrder> OrderOf(ParseResult line, string path, string[] keep, CancellationToken cancellationToken)
    {
        DataWorkersOptions.Refuse(line, _pushdown, _analyses);
        var subject = line.GetRequiredValue(_subject);
        var order = _data.Order(line, DataAction.Transform, line.GetRequiredValue(_files)) with
        {
            Keep = [.. keep], Out = PostgreSqlAddress.IsAddress(path) ? path : Path.GetFullPath(path), Threads = line.GetValue(_threads) ?? 1,
        };
        return Directory.Exists(subject)
            ? order with { Model = Path.GetFullPath(subject) }
            : order with { Pipeline = (await PipelineFile.ReadAsync(subject, cancellationToken)).ToJson() };
    }

    async Task<Dataset> FeaturesAsync(
        ParseResult line, CommandSession session, string[] keep, CancellationToken cancellationToken)
    {
        var (subject, files, pushdown) = (
            line.GetRequiredValue(_subject), line.GetRequiredValue(_files), line.GetValue(_pushdown));
        if (Directory.Exists(subject))
        {
            var (model, rows) = (TrainedModel.Load(subject), _data.Dataset(line, files));
            return line.GetValue(_analyses) is null
                ? pushdown ? model.FeaturesInDatabase(rows, keep) : model.Features(rows, keep)
                : throw new UsageException(
                    $"'{subject}' is a model, which finds nothing out any more; --analyses goes with a pipeline.");
        }

        PushdownOption.Check(pushdown, line.GetValue(_analyses));

        var pipeline = await PipelineFile.ReadAsync(subject, cancellationToken);
        var kept = line.GetValue(_analyses) is { } folder ? new AnalysisFolder(folder) : null;
        var (fitted, notices, analysed) = await session.WithProgressAsync(async progress =>
        {
            using var stages = new TrainingStages(progress);
            var training = new PipelineTraining(pipeline, TimeProvider.System, stages, kept)
            {
                Threads = ThreadsOption.Of(line, _threads), Pushdown = pushdown,
            };
            var features = await training.FitFeaturesAsync(
                _data.DatasetForALook(line, files), _data.Dataset(line, files), keep, cancellationToken);
            stages.Complete();
            return (features, stages.Notices, stages.Analysed);
        });
        PushdownOption.Tell(session, analysed, $"in {analysed?.Database}");
        foreach (var notice in notices)
        {
            session.Remark($"Note: {notice}.");
        }

        return fitted;
    }

    static void Tell(
        CommandSession session, string path, long? shardRows, long rows, long leftOut, IReadOnlyList<string> former)
    {
        string[] files = shardRows is { } limit ? [.. DataSinks.Shards(path).Take((int)((rows + limit - 1) / limit))] : [path];
        foreach (var stale in former.Except(files))
        {
            File.Delete(stale);
        }

        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartArray("paths");
                foreach (var file in files)
                {
                    json.WriteStringValue(file);
                }

                json.WriteEndArray();
                json.WriteNumber("rows", rows);
                json.WriteNumber("rowsLeftOut", leftOut);
            });
            return;
        }

        session.Terminal.Output.WriteLine(
            $"{string.Join(", ", files.Take(1))}{(files.Length > 1 ? $" and {files.Length - 1} more" : "")}: " +
            $"features of {ResultTable.Count(rows)} rows{Reading.Remainder(leftOut)}");
    }
}

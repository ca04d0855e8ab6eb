using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary><c>capstan predict</c>: a prediction for every row of some files.</summary>
sealed class PredictCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "A .csv, .jsonl, .parquet or .arrow file for the predictions; without it they are printed as CSV, once all are known.",
        HelpName = "FILE",
    };

    readonly Option<string?> _keep = new("--keep", "-k")
    {
        Description = "Raw columns to write before each prediction, with commas between.", HelpName = "COLUMNS",
    };

    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if there is one." };

    public PredictCommand()
        : base(
            "predict", "Predict every row of some files.",
            new Example("capstan predict models/trips new.csv", "one line for each row, in the files' order"),
            new Example(
                "capstan predict models/trips 'new*.parquet' --keep trip_id --out fares.jsonl",
                "with a column that tells the rows apart, into a file"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        Options.Add(_out);
        Options.Add(_keep);
        Options.Add(_overwrite);
        Options.Add(_threads);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var path = line.GetValue(_out);
        Check(path, session.Json, line.GetValue(_overwrite));
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var keep = line.GetValue(_keep)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var threads = ThreadsOption.Of(line, _threads);
        var target = path ?? Path.Combine(Path.GetTempPath(), $"capstan-predictions-{Guid.NewGuid():N}.csv");
        try
        {
            var (rows, leftOut) = await Reading.RunAsync(
                session, "predicting", dataset, watched => WriteAsync(model, watched, keep, threads, target, cancellationToken));
            if (path is null)
            {
                await PrintAsync(target, session.Terminal.Output, cancellationToken);
            }
            else
            {
                Tell(session, model, RowSinks.NameOf(path), rows, leftOut.Count);
            }
        }
        finally
        {
            if (path is null && File.Exists(target))
            {
                File.Delete(target);
            }
        }

        return ExitCodes.Ok;
    }

    static void Check(string? path, bool json, bool overwrite)
    {
        if (path is null)
        {
            if (json)
            {
                throw new UsageException(
                    "--json tells about a file of predictions; say --out FILE.jsonl for predictions as JSON lines.");
            }

            return;
        }

        if (!RowSinks.CanWrite(path))
        {
            throw new UsageException($"--out was given '{path}', expected {RowSinks.Places}.");
        }

        if (Path.Exists(path) && !overwrite)
        {
            throw new UsageException($"'{path}' exists already. Choose another file with --out, or say --overwrite.");
        }
    }

    static async Task<long> WriteAsync(
        TrainedModel model, Dataset dataset, string[] keep, int threads, string path, CancellationToken cancellationToken)
    {
        var columns = new PredictionColumns(model.Artifact, keep);
        var rows = 0L;
        IBatchSink? sink = null;
        try
        {
            await foreach (var batch in model.PredictAsync(dataset, keep, threads, cancellationToken))
            {
                var predicted = columns.Of(batch);
                sink ??= RowSinks.Create(path, predicted.Schema, columns.Narrow);
                await sink.WriteAsync(predicted, cancellationToken);
                rows += predicted.RowCount;
            }

            await (sink ?? throw NothingToPredict(dataset)).CompleteAsync(cancellationToken);
        }
        finally
        {
            if (sink is not null)
            {
                await sink.DisposeAsync();
            }
        }

        return rows;
    }

    static UnreadableDataException NothingToPredict(Dataset dataset) =>
        new(string.Join(", ", dataset.Names), "no row is left to predict; look at --where.");

    static async Task PrintAsync(string path, TextWriter output, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[1 << 16];
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    static void Tell(CommandSession session, TrainedModel model, string path, long rows, long leftOut)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteString("path", path);
                json.WriteNumber("rows", rows);
                json.WriteNumber("rowsLeftOut", leftOut);
            });
            return;
        }

        session.Terminal.Output.WriteLine(
            $"{path}: {ResultTable.Count(rows)} predictions by {model.Name} ({model.Hash.Short})" +
            Reading.Remainder(leftOut));
    }
}

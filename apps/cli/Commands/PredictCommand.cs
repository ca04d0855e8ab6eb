using System.CommandLine;
using System.Runtime.CompilerServices;
using Capstan.Cluster;
using Capstan.Data;
using Capstan.Data.PostgreSql;

namespace Capstan.Cli;

/// <summary><c>capstan predict</c>: a prediction for every row of some files.</summary>
sealed class PredictCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly RowOutput _output = new("predictions");
    readonly Option<int?> _threads = ThreadsOption.Create();
    readonly DataWorkersOptions _workers = new();

    public PredictCommand()
        : base(
            "predict", "Predict every row of some files.",
            new Example("capstan predict models/trips new.csv", "one line for each row, in the files' order"),
            new Example(
                "capstan predict models/trips 'new*.parquet' --keep trip_id --out fares.jsonl",
                "with a column that tells the rows apart, into a file"),
            new Example("capstan predict models/trips 'new*.parquet' --workers 4 --out fares.csv", "the same file, by four processes"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        _output.AddTo(this);
        Options.Add(_threads);
        _data.AddTo(this);
        _workers.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        _output.Check(line, session.Json);
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var keep = _output.Keep(line);
        var columns = ColumnsOf(model, keep);
        if (_workers.CountOf(line) is { } workers)
        {
            await PredictAsync(line, session, model, keep, columns, new DataOnCluster(_workers, workers, line, session), cancellationToken);
            return ExitCodes.Ok;
        }

        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var threads = ThreadsOption.Of(line, _threads);
        await _output.RunAsync(
            line, session, "predicting", model, dataset,
            watched => PredictAsync(model, watched, keep, columns, threads, cancellationToken), columns.Narrow, cancellationToken);
        return ExitCodes.Ok;
    }

    async Task PredictAsync(
        ParseResult line, CommandSession session, TrainedModel model, string[] keep, PredictionColumns columns, DataOnCluster cluster,
        CancellationToken cancellationToken)
    {
        var order = _data.Order(line, DataAction.Predict, line.GetRequiredValue(_files)) with
        {
            Model = Path.GetFullPath(line.GetRequiredValue(_model)), Keep = [.. keep], Threads = line.GetValue(_threads) ?? 1,
        };
        if (_output.PathOf(line) is { } path)
        {
            order = order with { Out = PostgreSqlAddress.IsAddress(path) ? path : Path.GetFullPath(path) };
            if (await cluster.WriteAsync(order, cancellationToken) is { } output)
            {
                _output.Tell(session, model, RowSinks.NameOf(path), output.Rows, output.LeftOut.Count);
            }

            return;
        }

        await cluster.AskAsync(
            order, answers => _output.PrintAsync(
                session, answers.Rows, answers.PredictionsAsync(cancellationToken), columns.Narrow, cancellationToken), cancellationToken);
    }

    /// <exception cref="UsageException">A column to keep is named twice or like a prediction's.</exception>
    static PredictionColumns ColumnsOf(TrainedModel model, string[] keep)
    {
        try
        {
            return new PredictionColumns(model.Artifact, keep);
        }
        catch (ArgumentException clash)
        {
            throw new UsageException(clash.Message);
        }
    }

    static async IAsyncEnumerable<ColumnBatch> PredictAsync(
        TrainedModel model, Dataset dataset, string[] keep, PredictionColumns columns, int threads,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in model.PredictAsync(dataset, keep, threads, cancellationToken))
        {
            yield return columns.Of(batch);
        }
    }
}

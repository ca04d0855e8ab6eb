using System.CommandLine;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary><c>capstan predict</c>: a prediction for every row of some files.</summary>
sealed class PredictCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly RowOutput _output = new("predictions");
    readonly Option<int?> _threads = ThreadsOption.Create();

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
        _output.AddTo(this);
        Options.Add(_threads);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        _output.Check(line, session.Json);
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var keep = _output.Keep(line);
        var columns = new PredictionColumns(model.Artifact, keep);
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var threads = ThreadsOption.Of(line, _threads);
        await _output.RunAsync(
            line, session, "predicting", model, dataset,
            watched => PredictAsync(model, watched, keep, columns, threads, cancellationToken), columns.Narrow, cancellationToken);
        return ExitCodes.Ok;
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

using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary><c>capstan evaluate</c>: how good a model is on other rows.</summary>
sealed class EvaluateCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<int?> _threads = ThreadsOption.Create();

    public EvaluateCommand()
        : base(
            "evaluate", "Compare a model's predictions with the labels of some rows.",
            new Example("capstan evaluate models/trips june.csv", "metrics, and for a classifier its calibration"),
            new Example(
                "capstan evaluate models/trips june.csv --where 'trip_distance > 5' --json", "on some rows, for programs"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        Options.Add(_threads);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var (evaluation, leftOut) = await Reading.RunAsync(
            session, "evaluating", dataset, watched => model.EvaluateAsync(watched, ThreadsOption.Of(line, _threads), cancellationToken));
        if (evaluation.RowCount == 0)
        {
            throw new UnreadableDataException(
                string.Join(", ", dataset.Names),
                "no row with a label is left to evaluate; look at the label's column, the pipeline's filter and --where.");
        }

        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteNumber("rowsLeftOut", leftOut.Count);
                EvaluationResult.Write(json, evaluation);
            });
        }
        else
        {
            EvaluationResult.Write(session, evaluation);
        }

        return ExitCodes.Ok;
    }
}

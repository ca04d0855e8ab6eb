using System.CommandLine;
using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary><c>capstan explain</c>: why every row of some files is predicted as it is.</summary>
sealed class ExplainCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly RowOutput _output = new("explanations");
    readonly Option<int?> _top = new("--top")
    {
        Description = "Only the columns that matter most for a row: reason_1, attribution_1, reason_2, …", HelpName = "N",
    };

    readonly Option<string> _method = new("--method")
    {
        Description = "own: exact for linear models and trees, integrated gradients for networks; shapley: sampled Shapley values of any model.",
        HelpName = "METHOD", DefaultValueFactory = _ => "own",
    };

    public ExplainCommand()
        : base(
            "explain", "Say why: how much each raw column adds to the score of every row.",
            new Example("capstan explain models/trips new.csv", "one line for each row, with an attribution for each column"),
            new Example("capstan explain models/trips new.csv --top 3 --keep trip_id --out why.parquet", "the three main reasons, into a file"),
            new Example("capstan explain models/trips new.csv --method shapley", "by a method that knows nothing of the model: slower"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        Options.Add(_top);
        Options.Add(_method);
        _top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 and var top)
            {
                result.AddError($"--top was given {top}, expected 1 or more.");
            }
        });
        _output.AddTo(this);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        _output.Check(line, session.Json);
        var method = MethodOf(line.GetValue(_method));
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var keep = _output.Keep(line);
        var columns = new ExplanationColumns(model.Artifact, keep, line.GetValue(_top));
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        await _output.RunAsync(
            line, session, "explaining", model, dataset,
            watched => ExplainAsync(model, watched, keep, method, columns, cancellationToken), columns.Narrow, cancellationToken);
        return ExitCodes.Ok;
    }

    static AttributionMethod MethodOf(string? name) => name switch
    {
        "own" => AttributionMethod.Own,
        "shapley" => AttributionMethod.SampledShapley,
        _ => throw new UsageException($"--method was given '{name}', expected own or shapley."),
    };

    static async IAsyncEnumerable<ColumnBatch> ExplainAsync(
        TrainedModel model, Dataset dataset, string[] keep, AttributionMethod method, ExplanationColumns columns,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in model.ExplainAsync(dataset, keep, method, cancellationToken))
        {
            yield return columns.Of(batch);
        }
    }
}

using System.CommandLine;

namespace Capstan.Cli;

/// <summary><c>capstan init</c>: a pipeline made from data, for a person to edit.</summary>
sealed class InitCommand : CapstanCommand
{
    const string SchemaFile = "pipeline.schema.json";

    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string> _label = new("--label", "-l")
    {
        Description = "What to predict: a column, or an expression such as 'delay > 15'.", HelpName = "LABEL", Required = true,
    };

    readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Where to write the pipeline.", HelpName = "FILE", DefaultValueFactory = _ => "pipeline.json",
    };

    readonly Option<string?> _name = new("--name")
    {
        Description = "The model's name; without it a model is called after its data.", HelpName = "NAME",
    };

    readonly Option<string?> _estimator = new("--estimator", "-e")
    {
        Description = $"One of {EstimatorNames.Families}.", HelpName = "FAMILY",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if there is one." };

    public InitCommand()
        : base(
            "init", "Write a pipeline from data: the features chosen for its columns, as expressions to edit.",
            new Example("capstan init trips.csv --label fare_amount", "writes pipeline.json for predicting a number"),
            new Example(
                "capstan init flights.parquet --label 'delay > 15' --estimator dnn --out late.json",
                "for telling late flights, with a network"))
    {
        Arguments.Add(_files);
        foreach (var option in new Option[] { _label, _out, _name, _estimator, _overwrite })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_out);
        WholeFile.CheckFree(path, line.GetValue(_overwrite));

        var (family, kind) = EstimatorNames.Parse(line.GetValue(_estimator));
        if (kind is not null)
        {
            throw new UsageException(
                $"--estimator was given '{kind}', expected one of {EstimatorNames.Families}: " +
                "the label decides between classifier and regressor.");
        }

        if (line.GetValue(_name) is { } name)
        {
            ModelName.Check(name);
        }

        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var (draft, leftOut) = await Reading.RunAsync(
            session, "reading", dataset,
            watched => PipelineDraft.FromDataAsync(watched, line.GetRequiredValue(_label), family, cancellationToken));
        var pipeline = draft.Pipeline with { SchemaUrl = WholeFile.SchemaFrom(path, SchemaFile), Name = line.GetValue(_name) };
        await WholeFile.WriteAsync(path, pipeline.ToJson() + "\n", cancellationToken);
        Tell(session, path, draft, leftOut.Count);
        return ExitCodes.Ok;
    }

    static void Tell(CommandSession session, string path, PipelineDraft draft, long leftOut)
    {
        var pipeline = draft.Pipeline;
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("pipeline", path);
                json.WriteString("label", pipeline.Label);
                json.WriteString("estimator", pipeline.Estimator.Kind.ToString());
                json.WriteNumber("rows", draft.Statistics.RowCount);
                json.WriteNumber("rowsLeftOut", leftOut);
                json.WriteStartObject("features");
                foreach (var (name, text) in pipeline.Features)
                {
                    json.WriteString(name, text);
                }

                json.WriteEndObject();
                json.WriteStartArray("unusedColumns");
                foreach (var column in draft.UnusedColumns)
                {
                    json.WriteStringValue(column);
                }

                json.WriteEndArray();
            });
            return;
        }

        session.Terminal.Output.WriteLine(
            $"{path}: {pipeline.Estimator.Kind} of {pipeline.Label}, {pipeline.Features.Count} features " +
            $"from {ResultTable.Count(draft.Statistics.RowCount)} rows");
        foreach (var column in draft.UnusedColumns)
        {
            session.Remark($"Column '{column}' makes no feature: it is constant, empty, or different in nearly every row.");
        }

        session.Remark("Take out what would not be known when predicting, edit what you know better, then:");
        session.Remark($"  capstan train {path} --data FILES");
    }
}

using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary><c>capstan schema</c>: what data should look like, inferred from data, for a person to edit.</summary>
sealed class SchemaCommand : CapstanCommand
{
    const string SchemaFile = "data.schema.json";

    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Where to write the schema.", HelpName = "FILE", DefaultValueFactory = _ => "schema.json",
    };

    readonly Option<string?> _label = new("--label", "-l")
    {
        Description = "The column to predict: it may be absent from data of the environment 'serving'.", HelpName = "COLUMN",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if there is one." };

    public SchemaCommand()
        : base(
            "schema", "Write down what data looks like, as rules to edit: types, presence, domains, distances.",
            new Example("capstan schema trips.csv --label fare_amount", "writes schema.json, for capstan validate"),
            new Example("capstan schema 'logs/2024-*.parquet' --out logs.json", "from many files"))
    {
        Arguments.Add(_files);
        foreach (var option in new Option[] { _label, _out, _overwrite })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_out);
        WholeFile.CheckFree(path, line.GetValue(_overwrite));
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var (statistics, leftOut) = await Reading.RunAsync(
            session, "reading", dataset, watched => watched.DescribeAsync(cancellationToken));
        var schema = DataSchema.Infer(statistics, line.GetValue(_label)) with
        {
            SchemaUrl = WholeFile.SchemaFrom(path, SchemaFile),
        };
        await WholeFile.WriteAsync(path, schema.ToJson() + "\n", cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("schema", path);
                json.WriteNumber("columns", schema.Columns.Count);
                json.WriteNumber("rows", statistics.RowCount);
                json.WriteNumber("rowsLeftOut", leftOut.Count);
            });
            return ExitCodes.Ok;
        }

        session.Terminal.Output.WriteLine(
            $"{path}: rules for {schema.Columns.Count} columns from {ResultTable.Count(statistics.RowCount)} rows");
        session.Remark("Tighten what you know better, loosen what may change, then:");
        session.Remark($"  capstan validate FILES --schema {path}");
        return ExitCodes.Ok;
    }
}

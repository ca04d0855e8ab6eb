using System.CommandLine;
using System.Text.Json;
using Capstan.Data;
using Capstan.Data.DuckDb;

namespace Capstan.Cli;

/// <summary><c>capstan validate</c>: data held against a schema, and against earlier data.</summary>
sealed class ValidateCommand : CapstanCommand
{
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<string> _schema = new("--schema", "-s")
    {
        Description = "The schema, as capstan schema writes it.", HelpName = "FILE", DefaultValueFactory = _ => "schema.json",
    };

    readonly Option<string?> _environment = new("--environment")
    {
        Description = "Where the data is met, one of the schema's environments; without it every column must be there.",
        HelpName = "NAME",
    };

    readonly Option<string[]> _previous = new("--previous")
    {
        Description = "The data before this, for limits of drift.", HelpName = "FILES", AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<string[]> _training = new("--training")
    {
        Description = "A model's folder or the data it was trained on, for limits of skew.", HelpName = "MODEL|FILES",
        AllowMultipleArgumentsPerToken = true,
    };

    public ValidateCommand()
        : base(
            "validate", "Hold data against a schema and say what is not as expected; ends with 3 if anything is.",
            new Example("capstan validate today.csv --schema schema.json", "every anomaly with what to do about it"),
            new Example(
                "capstan validate today.csv --previous yesterday.csv --training models/trips --environment serving --json",
                "also drift and skew, of data without labels, for programs"))
    {
        Arguments.Add(_files);
        foreach (var option in new Option[] { _schema, _environment, _previous, _training })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_schema);
        if (!File.Exists(path))
        {
            throw new UsageException($"There is no schema '{path}'. Write one with 'capstan schema FILES --out {path}'.");
        }

        var schema = DataSchema.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        var options = new ValidationOptions
        {
            Environment = line.GetValue(_environment),
            Previous = await StatisticsAsync(session, "reading previous", line.GetValue(_previous), cancellationToken),
            Training = line.GetValue(_training) is [var folder] && Directory.Exists(folder)
                ? TrainedModel.Load(folder).Artifact.TrainingStatistics
                : await StatisticsAsync(session, "reading training", line.GetValue(_training), cancellationToken),
        };
        var dataset = _data.DatasetWithFaults(line, line.GetRequiredValue(_files));
        var (report, leftOut) = await Reading.RunAsync(
            session, "reading", dataset, watched => watched.ValidateAsync(schema, options, cancellationToken));
        if (session.Json)
        {
            session.WriteJson(json => Write(json, report, leftOut));
        }
        else
        {
            Write(session, report, leftOut);
        }

        return report.HasAnomalies ? ExitCodes.BadData : ExitCodes.Ok;
    }

    static async Task<TableStatistics?> StatisticsAsync(
        CommandSession session, string name, string[]? files, CancellationToken cancellationToken)
    {
        if (files is not { Length: > 0 })
        {
            return null;
        }

        var dataset = Dataset.Read(files, new ReadOptions { OnBadRow = BadRowPolicy.Skip });
        return (await Reading.RunAsync(session, name, dataset, watched => watched.DescribeAsync(cancellationToken))).Result;
    }

    static void Write(CommandSession session, ValidationReport report, BadRowReport leftOut)
    {
        var output = session.Terminal.Output;
        var errors = report.Anomalies.Count(anomaly => anomaly.Severity == Severity.Error);
        var warnings = report.Anomalies.Length - errors;
        output.WriteLine(
            $"{ResultTable.Count(report.RowCount)} rows{Reading.Remainder(leftOut.Count)}: " +
            (report.HasAnomalies ? $"{Counted(errors, "error")}, {Counted(warnings, "warning")}" : "as the schema says"));
        foreach (var anomaly in report.Anomalies)
        {
            output.WriteLine($"{NameOf(anomaly.Severity),-7}  {anomaly.Code}  {anomaly.Message}");
        }
    }

    static string Counted(int count, string word) => count == 1 ? $"1 {word}" : $"{count} {word}s";

    static string NameOf(Severity severity) => severity == Severity.Error ? "error" : "warning";

    static void Write(Utf8JsonWriter json, ValidationReport report, BadRowReport leftOut)
    {
        json.WriteNumber("rows", report.RowCount);
        json.WriteNumber("rowsLeftOut", leftOut.Count);
        json.WriteStartArray("anomalies");
        foreach (var anomaly in report.Anomalies)
        {
            json.WriteStartObject();
            json.WriteString("code", anomaly.Code);
            json.WriteString("severity", NameOf(anomaly.Severity));
            if (anomaly.Column is { } column)
            {
                json.WriteString("column", column);
            }

            json.WriteString("found", anomaly.Found);
            json.WriteString("expected", anomaly.Expected);
            json.WriteString("remedy", anomaly.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

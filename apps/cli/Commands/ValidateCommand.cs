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

    readonly Option<string[]> _against = new("--against")
    {
        Description = "Compare row by row with this data instead, joined by --key; needs no schema.", HelpName = "FILES",
        AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<string[]> _keys = new("--key")
    {
        Description = "The columns that tell which rows belong together.", HelpName = "COLUMNS",
        AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "How far two numbers may be apart, as a share of the larger, to be near matches.", HelpName = "SHARE",
        DefaultValueFactory = _ => new FeatureSkewOptions { Keys = [] }.Tolerance,
    };

    public ValidateCommand()
        : base(
            "validate", "Hold data against a schema and say what is not as expected; ends with 3 if anything is.",
            new Example("capstan validate today.csv --schema schema.json", "every anomaly with what to do about it"),
            new Example(
                "capstan validate today.csv --previous yesterday.csv --training models/trips --environment serving --json",
                "also drift and skew, of data without labels, for programs"),
            new Example(
                "capstan validate served.csv --against trained.csv --key trip_id",
                "whether serving computed what training did, row by row"))
    {
        Arguments.Add(_files);
        foreach (var option in new Option[] { _schema, _environment, _previous, _training, _against, _keys, _tolerance })
        {
            Options.Add(option);
        }

        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        if (line.GetValue(_against) is { Length: > 0 } others)
        {
            return await CompareAsync(line, session, others, cancellationToken);
        }

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

    async Task<int> CompareAsync(ParseResult line, CommandSession session, string[] others, CancellationToken cancellationToken)
    {
        var options = new FeatureSkewOptions { Keys = [.. line.GetValue(_keys) ?? []], Tolerance = line.GetValue(_tolerance) };
        if (options.Keys.IsEmpty)
        {
            throw new UsageException("--against compares rows that belong together; --key names the columns that tell which.");
        }

        var other = Dataset.Read(others, new ReadOptions { OnBadRow = BadRowPolicy.Skip });
        var (skew, _) = await Reading.RunAsync(
            session, "comparing", _data.DatasetWithFaults(line, line.GetRequiredValue(_files)),
            watched => watched.FeatureSkewAsync(other, options, cancellationToken));
        if (session.Json)
        {
            session.WriteJson(json => SkewResult.Write(json, skew));
        }
        else
        {
            SkewResult.Write(session, skew);
        }

        return skew.HasDifferences ? ExitCodes.BadData : ExitCodes.Ok;
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

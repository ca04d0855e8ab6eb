using System.CommandLine;
using System.Globalization;

namespace Capstan.Cli;

/// <summary><c>capstan importance</c>: how much a model needs each raw column.</summary>
sealed class ImportanceCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };
    readonly Argument<string[]> _files = DataOptions.Files();
    readonly DataOptions _data = new();
    readonly Option<int> _repeats = new("--repeats")
    {
        Description = "How many times each column is shuffled.", HelpName = "N",
        DefaultValueFactory = _ => new ImportanceOptions().Repeats,
    };

    readonly Option<int> _mostRows = new("--most-rows")
    {
        Description = "Measure on a sample of at most so many rows.", HelpName = "N",
        DefaultValueFactory = _ => new ImportanceOptions().MostRows,
    };

    readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Of the shuffles and the sample.", HelpName = "N", DefaultValueFactory = _ => new ImportanceOptions().Seed,
    };

    public ImportanceCommand()
        : base(
            "importance", "Measure how much a model needs each raw column.",
            new Example("capstan importance models/trips june.csv", "how much worse it gets when a column's values are shuffled"),
            new Example("capstan importance models/trips june.csv --repeats 20 --json", "less left to chance, for programs"))
    {
        Arguments.Add(_model);
        Arguments.Add(_files);
        foreach (var option in new Option[] { _repeats, _mostRows, _seed })
        {
            Options.Add(option);
        }

        RequireAtLeast(_repeats, 1);
        RequireAtLeast(_mostRows, 2);
        _data.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        var dataset = _data.Dataset(line, line.GetRequiredValue(_files));
        var options = new ImportanceOptions
        {
            Repeats = line.GetValue(_repeats), MostRows = line.GetValue(_mostRows), Seed = line.GetValue(_seed),
        };
        var (found, leftOut) = await Reading.RunAsync(
            session, "reading", dataset, watched => model.ImportanceAsync(watched, options, cancellationToken));
        if (session.Json)
        {
            WriteJson(session, model, found, leftOut.Count);
        }
        else
        {
            Write(session, found);
        }

        return ExitCodes.Ok;
    }

    static void Write(CommandSession session, ColumnImportances found)
    {
        session.Terminal.Output.WriteLine(
            $"{found.Metric} {ResultTable.Number(found.Value)} on {ResultTable.Count(found.Rows)} rows; " +
            $"how much worse without each column ({found.Repeats} shuffles)");
        var trees = found.Columns.Any(each => each.Splits is not null);
        var table = trees ? new ResultTable("column", "#worse", "#±", "#gain", "#splits") : new ResultTable("column", "#worse", "#±");
        foreach (var each in found.Columns)
        {
            string[] cells = [each.Column, Shown(each.Drop), Shown(each.Deviation)];
            table.Add(trees ? [.. cells, ResultTable.Share(each.GainShare ?? 0), ResultTable.Count(each.Splits ?? 0)] : cells);
        }

        table.Write(session);
    }

    static void WriteJson(CommandSession session, TrainedModel model, ColumnImportances found, long leftOut) => session.WriteJson(json =>
    {
        json.WriteString("model", model.Name);
        json.WriteString("hash", model.Hash.ToString());
        json.WriteString("metric", found.Metric);
        json.WriteNumber("value", found.Value);
        json.WriteNumber("rows", found.Rows);
        json.WriteNumber("repeats", found.Repeats);
        json.WriteNumber("rowsLeftOut", leftOut);
        json.WriteStartArray("columns");
        foreach (var each in found.Columns)
        {
            json.WriteStartObject();
            json.WriteString("column", each.Column);
            json.WriteNumber("drop", each.Drop);
            json.WriteNumber("deviation", each.Deviation);
            if (each is { GainShare: { } gain, Splits: { } splits })
            {
                json.WriteNumber("gainShare", gain);
                json.WriteNumber("splits", splits);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    static string Shown(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    static void RequireAtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var found && found < least)
        {
            result.AddError($"{option.Name} was given {found}, expected {least} or more.");
        }
    });
}

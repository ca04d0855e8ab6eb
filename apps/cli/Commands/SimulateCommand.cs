using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary><c>capstan simulate</c>: data of any size to try things on, with drift where it is wanted.</summary>
sealed class SimulateCommand : CapstanCommand
{
    const string Trips = "trips";

    static readonly Dictionary<string, string> UsualStrengths = new()
    {
        ["mean"] = "0.3", ["variance"] = "1", ["category"] = "0.1", ["missing"] = "0.05",
    };

    readonly Argument<string> _kind = new("KIND") { Description = $"What to simulate: {Trips} (taxi trips)." };
    readonly Argument<string> _out = new("OUT") { Description = "The CSV file to write." };
    readonly Option<long> _rows = new("--rows", "-n") { Description = "How many rows.", HelpName = "N", Required = true };
    readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Other seeds give other rows.", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    readonly Option<string?> _drift = new("--drift")
    {
        Description = "What differs from usual: mean, variance, category, missing, with commas between, " +
            "each with a strength if wanted (mean:0.5).",
        HelpName = "DRIFT[:STRENGTH],…",
    };

    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if there is one." };

    public SimulateCommand()
        : base(
            "simulate", "Write simulated data: taxi trips of any number, from a seed.",
            new Example("capstan simulate trips --rows 100000 trips.csv", "the same rows on every machine"),
            new Example(
                "capstan simulate trips --rows 100000 --seed 2 --drift mean:0.5,missing late.csv",
                "longer trips, and values missing"))
    {
        _kind.AcceptOnlyFromAmong(Trips);
        Arguments.Add(_kind);
        Arguments.Add(_out);
        Options.Add(_rows);
        Options.Add(_seed);
        Options.Add(_drift);
        Options.Add(_overwrite);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (path, rows) = (line.GetRequiredValue(_out), line.GetValue(_rows));
        if (rows < 1)
        {
            throw new UsageException($"--rows was given {rows}, expected 1 or more.");
        }

        if (Path.Exists(path) && !line.GetValue(_overwrite))
        {
            throw new UsageException($"'{path}' exists already. Choose another file, or say --overwrite.");
        }

        var drift = DriftOf(line.GetValue(_drift));
        await session.WithProgressAsync(async progress =>
        {
            using var stage = progress.Start("writing", rows, "rows");
            await new TripSimulator(line.GetValue(_seed), rows, drift).WriteCsvAsync(path, new Written(stage), cancellationToken);
            stage.Complete();
            return rows;
        });
        var sizeBytes = new FileInfo(path).Length;
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("path", path);
                json.WriteNumber("rows", rows);
                json.WriteNumber("bytes", sizeBytes);
                json.WriteString("drift", drift.ToString());
            });
        }
        else
        {
            session.Terminal.Output.WriteLine($"{path}: {ResultTable.Count(rows)} trips, {Pace.Short(sizeBytes)}B");
        }

        return ExitCodes.Ok;
    }

    static TripDrift DriftOf(string? text)
    {
        try
        {
            return TripDrift.Parse((text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(each => UsualStrengths.TryGetValue(each, out var usual) ? $"{each}={usual}" : each.Replace(':', '=')));
        }
        catch (ArgumentException problem)
        {
            throw new UsageException($"--drift was given '{text}'. {problem.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>Told the rows written so far; advances by what is new.</summary>
    sealed class Written(IWorkStage stage) : IProgress<long>
    {
        long _rows;

        public void Report(long value)
        {
            stage.Advance(value - _rows);
            _rows = value;
        }
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary><c>capstan load-test</c>: how a served model answers at a rate, as its callers would see it.</summary>
sealed class LoadTestCommand : CapstanCommand
{
    static readonly (string Name, double Rank)[] Ranks = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)];

    readonly Argument<string> _model = new("MODEL") { Description = "The model's name at the server." };

    readonly Option<double> _rate = new("--rate")
    {
        Description = "Requests a second, whatever the answers do.", HelpName = "NUMBER", DefaultValueFactory = _ => 100,
    };

    readonly Option<double> _seconds = new("--seconds")
    {
        Description = "For how long.", HelpName = "NUMBER", DefaultValueFactory = _ => 10,
    };

    readonly Option<int> _connections = new("--connections")
    {
        Description = "The most requests in progress.", HelpName = "COUNT", DefaultValueFactory = _ => 64,
    };

    readonly Option<string?> _body = new("--body")
    {
        Description = "A file with the request; without it the model's own example.", HelpName = "FILE",
    };

    readonly Option<string?> _plot = new("--plot") { Description = "Write the latencies as an SVG file.", HelpName = "FILE" };

    readonly ServerOption _server = new();

    public LoadTestCommand()
        : base(
            "load-test", "Ask a served model at a steady rate and show how long its answers take.",
            new Example("capstan load-test trips --rate 2000 --seconds 30 --plot latency.svg", "2,000 requests a second for half a minute"))
    {
        Arguments.Add(_model);
        Options.Add(_rate);
        Options.Add(_seconds);
        Options.Add(_connections);
        Options.Add(_body);
        Options.Add(_plot);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (rate, seconds, connections) = (line.GetValue(_rate), line.GetValue(_seconds), line.GetValue(_connections));
        var requests = rate * seconds;
        if (!(rate > 0 && seconds > 0 && connections > 0 && requests is >= 1 and <= int.MaxValue))
        {
            throw new UsageException(
                $"--rate {rate}, --seconds {seconds} and --connections {connections} make no test; each must be above 0, and at least one request come of it.");
        }

        var model = line.GetRequiredValue(_model);
        using var gateway = _server.Connect(line);
        var body = line.GetValue(_body) is { } file
            ? await File.ReadAllBytesAsync(file, cancellationToken)
            : Encoding.UTF8.GetBytes((await gateway.SendAsync(HttpMethod.Get, $"/v1/models/{model}", null, cancellationToken))
                .GetProperty("example").GetRawText());
        var loop = new OpenLoop(
            new Uri(new Uri(_server.AddressOf(line)), $"/v1/models/{model}:predict"), _server.KeyOf(line), body, rate, connections, session.Terminal.Time);
        var outcome = await loop.RunAsync((int)requests, _ => { }, cancellationToken);
        if (line.GetValue(_plot) is { } plot)
        {
            var title = string.Create(CultureInfo.InvariantCulture, $"{model}: {rate:0.#} requests/s for {seconds:0.#} s");
            await File.WriteAllTextAsync(plot, LatencyPlot.Draw(outcome.Latencies, title), cancellationToken);
        }

        Tell(session, outcome);
        return outcome.Failures.Count == 0 ? ExitCodes.Ok : ExitCodes.Failure;
    }

    static void Tell(CommandSession session, LoadOutcome outcome)
    {
        var rate = outcome.Latencies.Count / outcome.Duration.TotalSeconds;
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteNumber("answered", outcome.Latencies.Count);
                json.WriteNumber("failed", outcome.Failures.Values.Sum());
                json.WriteNumber("requestsPerSecond", Math.Round(rate, 1));
                foreach (var (name, rank) in Ranks)
                {
                    json.WriteNumber($"{name}Milliseconds", Math.Round(outcome.Latencies.Quantile(rank).TotalMilliseconds, 3));
                }

                json.WriteStartObject("versions");
                foreach (var (version, count) in outcome.Versions.OrderBy(each => each.Key, StringComparer.Ordinal))
                {
                    json.WriteNumber(version, count);
                }

                json.WriteEndObject();
            });
            return;
        }

        var output = session.Terminal.Output;
        output.WriteLine($"{ResultTable.Count(outcome.Latencies.Count)} answered at {ResultTable.Number(rate)}/s, " +
            $"{ResultTable.Count(outcome.Failures.Values.Sum())} failed{Listed(outcome.Failures)}");
        output.WriteLine(string.Join(", ", Ranks.Select(each => $"{each.Name} {Milliseconds(outcome.Latencies, each.Rank)}")));
        if (outcome.Versions.Count > 1)
        {
            output.WriteLine($"by version{Listed(outcome.Versions, outcome.Latencies.Count)}");
        }

        WriteHistogram(session, outcome.Latencies);
    }

    static void WriteHistogram(CommandSession session, LatencyCounts latencies)
    {
        var table = new ResultTable("#up to", "#requests", "");
        foreach (var octave in latencies.Buckets().GroupBy(bucket => (int)Math.Ceiling(Math.Log2(bucket.UpTo.TotalMicroseconds) - 1e-9)).OrderBy(group => group.Key))
        {
            var count = octave.Sum(bucket => bucket.Count);
            table.Add(
                $"{Math.Pow(2, octave.Key) / 1000:0.###} ms", ResultTable.Count(count),
                new string('#', (int)Math.Ceiling(40.0 * count / latencies.Count)));
        }

        table.Write(session);
    }

    static string Milliseconds(LatencyCounts latencies, double rank) =>
        $"{latencies.Quantile(rank).TotalMilliseconds.ToString("0.##", CultureInfo.InvariantCulture)} ms";

    static string Listed(IReadOnlyDictionary<string, int> counts, long all = 0) => counts.Count == 0 ? "" : ": " + string.Join(
        ", ", counts.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each =>
            $"{each.Key} {ResultTable.Count(each.Value)}{(all > 0 ? $" ({ResultTable.Share((double)each.Value / all)})" : "")}"));
}

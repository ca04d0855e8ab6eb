using System.Globalization;
using System.Text;
using Capstan.Parameters;

namespace Capstan.Benchmarks;

/// <summary>
/// How far a training scales, from 1 to 1,000 workers on machines of their own: simulated, because no such cluster is here. Draws
/// docs/parameter-servers.svg.
/// </summary>
static class SimulationBenchmark
{
    const int BatchParts = 512;
    const int Shards = 4;
    const int MaxDelay = 16;

    // The network 30-128-64-1 with two embeddings of `benchmarks/run parameters`: 152 µs a part on this CPU (842,000 rows a second); 10 Gbit/s.
    static readonly MemberCosts Costs = new(152e-6, 0.1, 56e3, 128 * 41 * 4, 1.25e9, 10e9, 40e-6, 30e-6);

    static readonly int[] Workers = [1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1_000];

    static readonly (string Name, Consistency Consistency, string Color)[] Modes =
    [
        ("synchronous, 65,536 rows a batch", Consistency.Synchronous, "#1f77b4"),
        ("bounded, 2,048 rows a batch, delay 16", Consistency.Bounded, "#2ca02c"),
        ("asynchronous, 2,048 rows a batch", Consistency.Asynchronous, "#d62728"),
    ];

    public static BenchmarkReport Run()
    {
        var runs = Modes.ToDictionary(mode => mode.Name, mode => Workers.Select(workers => Simulate(mode.Consistency, workers)).ToArray());
        File.WriteAllText(Path.Combine(Repository.Root(), "docs/parameter-servers.svg"), Draw(runs));
        var rows = new List<BenchmarkRow>();
        foreach (var (name, _, _) in Modes)
        {
            for (var index = 1; index < Workers.Length; index++)
            {
                var (run, alone) = (runs[name][index], runs[name][0].RowsPerSecond * Workers[index]);
                rows.Add(new BenchmarkRow(
                    $"{name}: {Workers[index]:N0} workers", "rows/s", $"{Workers[index]:N0} times one worker", [new RatePair(run.RowsPerSecond, alone)],
                    Workers[index] == 2 ? 0.85 : 0,
                    string.Create(CultureInfo.InvariantCulture, $"staleness {run.Staleness:0.0}, servers busy {run.ServerBusy:P0}")));
            }
        }

        return new BenchmarkReport(
            "simulation", [("simulated", "discrete events, the servers' own dispatchers, costs as measured; nothing is timed"), ("servers", $"{Shards} shards on machines of their own, 10 Gbit/s each")], rows);
    }

    static SimulatedRun Simulate(Consistency consistency, int workers) => consistency == Consistency.Synchronous
        ? ClusterSimulation.Run(Costs, consistency, workers, Shards, BatchParts, 30, 0)
        : ClusterSimulation.Run(Costs, consistency, workers, Shards, 16, Math.Max(300, 20L * workers), MaxDelay);

    static string Draw(Dictionary<string, SimulatedRun[]> runs)
    {
        const int Width = 640, Height = 400, Left = 70, Bottom = 350, Top = 30, Right = 620;
        var (least, most) = (runs.Values.Min(each => each[0].RowsPerSecond) / 2, runs.Values.Max(each => each.Max(run => run.RowsPerSecond)) * 2);
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine("<title>Rows learned per second against workers, simulated</title>");
        svg.AppendLine($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        foreach (var workers in new[] { 1, 10, 100, 1_000 })
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{X(workers):0}\" y1=\"{Top}\" x2=\"{X(workers):0}\" y2=\"{Bottom}\" stroke=\"#ddd\"/><text x=\"{X(workers):0}\" y=\"{Bottom + 18}\" text-anchor=\"middle\">{workers}</text>");
        }

        for (var rate = Math.Pow(10, Math.Ceiling(Math.Log10(least))); rate < most; rate *= 10)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{Y(rate):0}\" x2=\"{Right}\" y2=\"{Y(rate):0}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{Y(rate) + 4:0}\" text-anchor=\"end\">{rate / 1e6:0.#} M</text>");
        }

        svg.AppendLine($"<text x=\"{(Left + Right) / 2}\" y=\"{Bottom + 38}\" text-anchor=\"middle\">workers</text><text x=\"{Left - 60}\" y=\"{Top - 10}\">rows per second</text>");
        for (var mode = 0; mode < Modes.Length; mode++)
        {
            var (name, _, color) = Modes[mode];
            var points = string.Join(' ', runs[name].Select((run, index) => string.Create(CultureInfo.InvariantCulture, $"{X(Workers[index]):0.0},{Y(run.RowsPerSecond):0.0}")));
            svg.AppendLine($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>");
            svg.AppendLine($"<text x=\"{Right - 240}\" y=\"{Bottom - 50 + 18 * mode}\" fill=\"{color}\">{name}</text>");
        }

        svg.AppendLine("</svg>");
        return svg.ToString();

        double X(double workers) => Left + (Right - Left) * Math.Log10(workers) / 3;

        double Y(double rate) => Bottom - (Bottom - Top) * Math.Log(rate / least) / Math.Log(most / least);
    }
}

using System.Globalization;
using Capstan.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// What reads all of 3 million flights (CAPSTAN_DATA_WORK_FILE names another file), by one process and by one and two workers of a cluster that is
/// there: the CPU time of all processes together, and how long one waits. A process with so many threads is the peer of so many workers. Results
/// are compared byte by byte before anything is told.
/// </summary>
static class DataWorkBenchmark
{
    const int DefaultRounds = 3;

    static readonly int Rounds = int.Parse(
        Environment.GetEnvironmentVariable("CAPSTAN_DATA_WORK_ROUNDS") ?? $"{DefaultRounds}", CultureInfo.InvariantCulture);

    static readonly (string Name, string Line, string? File)[] Actions =
    [
        ("describe", "describe {0} --json", null),
        ("transform", "transform m {0} --overwrite --out {1}", ".parquet"),
        ("evaluate", "evaluate m {0} --json", null),
        ("predict", "predict m {0} --overwrite --out {1}", ".csv"),
    ];

    public static BenchmarkReport Run()
    {
        var sample = Path.Combine(Repository.Root(), "samples", "flights");
        var data = Environment.GetEnvironmentVariable("CAPSTAN_DATA_WORK_FILE") ?? Repository.FindBeside("shared/data/flights-3m.parquet")
            ?? Path.Combine(sample, "flights.parquet");
        using var cluster = BenchmarkCluster.Start(nodes: 2);
        cluster.Capstan($"train {sample}/pipeline.json --data {sample}/flights.parquet --out m");
        var count = Dataset.Read(data).OpenAsync(CancellationToken.None).GetAwaiter().GetResult().RowCount() ?? 0;
        List<BenchmarkRow> rows = [];
        foreach (var (name, line, file) in Actions)
        {
            foreach (var workers in (int[])[1, 2])
            {
                rows.AddRange(Measure(cluster, name, line, file, data, count, workers));
            }
        }

        (string, string)[] facts =
        [
            ("data", $"{Path.GetFileName(data)}, {count:N0} rows"),
            ("wall", "from a command's start to its end, on nodes that are there: starting them takes about four seconds more"),
        ];
        return new BenchmarkReport("data-work", [.. MachineFacts.All(), .. facts], rows);
    }

    static IEnumerable<BenchmarkRow> Measure(
        BenchmarkCluster cluster, string name, string line, string? file, string data, long count, int workers)
    {
        List<RatePair> cpu = [];
        List<RatePair> wall = [];
        var isSame = true;
        for (var round = 0; round <= Rounds; round++)
        {
            var (alone, together) = ($"alone{file}", $"together{file}");
            var one = cluster.Capstan($"{string.Format(CultureInfo.InvariantCulture, line, data, alone)} --threads {workers}");
            var many = cluster.Capstan($"{string.Format(CultureInfo.InvariantCulture, line, data, together)} --workers {workers}");
            isSame &= file is null ? one.Output == many.Output : File.ReadAllBytes(cluster.At(alone)).AsSpan().SequenceEqual(File.ReadAllBytes(cluster.At(together)));
            if (round > 0) // nodes compile in the first; single processes always do
            {
                cpu.Add(new RatePair(count / many.CpuSeconds, count / one.CpuSeconds));
                wall.Add(new RatePair(count / many.Seconds, count / one.Seconds));
            }
        }

        var note = isSame ? "same bytes" : "OTHER BYTES";
        var peer = workers == 1 ? "one process, 1 thread" : $"one process, {workers} threads";
        yield return new BenchmarkRow($"{name}, {workers} worker{(workers == 1 ? "" : "s")}", "rows/s of CPU", peer, cpu, isSame ? 0 : double.PositiveInfinity, note);
        yield return new BenchmarkRow("the same, wall", "rows/s", peer, wall, 0, $"{note}; {Environment.ProcessorCount} cores for all");
    }
}

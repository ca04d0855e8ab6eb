using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>
/// Peak resident memory of this process while it trains on rows that no file holds: a linear model of a stream, read once to learn, and
/// a network whose features are stored on disk. CAPSTAN_STREAM_GB says how many gigabytes of CSV the rows would be, 2 without it.
/// </summary>
static class StreamBenchmark
{
    const double LimitMegabytes = 600;

    public static BenchmarkReport Run()
    {
        var gigabytes = double.Parse(Environment.GetEnvironmentVariable("CAPSTAN_STREAM_GB") ?? "2", CultureInfo.InvariantCulture);
        var trips = new EndlessTrips(gigabytes);
        var before = PeakMegabytes();
        return new BenchmarkReport(
            "stream",
            [
                .. MachineFacts.All(),
                ("data", FormattableString.Invariant($"{trips.RowCount:N0} rows, as of {gigabytes:0.#} GB of CSV; {InferenceTask.FeatureCount} features")),
                ("before", FormattableString.Invariant($"{before:N0} MB, the rows to repeat included")),
            ],
            [
                Measure("linear, a stream", new() { Kind = EstimatorKind.LinearClassifier, Stream = true }),
                Measure("network 16, features stored", new() { Kind = EstimatorKind.DnnClassifier, HiddenUnits = [16], Epochs = 1 }),
            ]);

        BenchmarkRow Measure(string name, EstimatorDefinition estimator)
        {
            var watch = Stopwatch.StartNew();
            InferenceTask.Train(estimator, Dataset.From(trips, "trips"));
            var peak = PeakMegabytes();
            // Rows compare rates, of which more is better; of memory less is, so here the promise stands first.
            return new BenchmarkRow(
                $"promised limit over the peak found: {name}", "kB", "peak", [new RatePair(LimitMegabytes * 1e3, peak * 1e3)], 1,
                FormattableString.Invariant($"{peak:N0} MB, {watch.Elapsed.TotalSeconds:N0} s"));
        }
    }

    /// <summary>As the kernel counts it, since the process began.</summary>
    static double PeakMegabytes() => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..]
            .Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace Capstan.Benchmarks;

/// <summary>Training speed of a small network on one thread, against TorchSharp, with the same start, data and steps.</summary>
static class NetworkBenchmark
{
    const int Pairs = 7;
    const double OurSeconds = 0.5;
    const double TheirSeconds = 1.0;

    static readonly (int Batch, double Target)[] Cases = [(128, 5), (1_024, 2), (8_192, 1)];

    public static BenchmarkReport Run()
    {
        var path = Path.GetTempFileName();
        try
        {
            var task = new NetworkTask();
            task.Save(path);
            using var peer = new TorchSharpPeer(path);
            var peaks = new List<double>();
            BenchmarkRow[] rows =
            [
                .. Cases.Select(one => Measure(task, peer, one.Batch, one.Target, peaks)), TwoThreads(task, 1_024, 1.6),
            ];
            return new BenchmarkReport("network", [.. Facts(peer, rows, peaks)], rows);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static BenchmarkRow Measure(NetworkTask task, TorchSharpPeer peer, int batch, double target, List<double> peaks)
    {
        var note = CheckEqualLoss(task, peer, batch);
        var (ours, theirs) = (StepsFor(task.Train, OurSeconds), StepsFor(peer.Train, TheirSeconds));
        var pairs = new List<RatePair>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            peaks.Add(FmaPeak.Measure());
            pairs.Add(new RatePair(
                (double)batch * ours / task.Train(batch, ours).Cpu, (double)batch * theirs / peer.Train(batch, theirs).Cpu));
        }

        return new BenchmarkRow($"train 40-64-32-1, batch {batch}", "rows/s", "TorchSharp", pairs, target, note);

        int StepsFor(Func<int, int, (double Cpu, double Loss)> train, double seconds)
        {
            // Twice, because the first try is compiled on the way.
            var steps = Math.Max(20, NetworkTask.RowCount / batch);
            train(batch, steps);
            return Math.Max(1, (int)(steps * seconds / train(batch, steps).Cpu));
        }
    }

    /// <summary>Two threads beside one, by the clock: only on a quiet machine of two cores does it say anything.</summary>
    static BenchmarkRow TwoThreads(NetworkTask task, int batch, double target)
    {
        const int Steps = 1500;
        var pairs = Enumerable.Range(0, Pairs).Select(_ => new RatePair(
            task.RowsPerSecond(batch, Steps, threads: 2), task.RowsPerSecond(batch, Steps, threads: 1)));
        return new BenchmarkRow(
            $"two threads, batch {batch}", "rows/s", "one thread", [.. pairs], target, "by the clock; the same bits");
    }

    // Different orders of summation, so not the same bits; but the same start, data and law must lead to the same place.
    static string CheckEqualLoss(NetworkTask task, TorchSharpPeer peer, int batch)
    {
        var steps = Math.Min(2 * NetworkTask.RowCount / batch, 200);
        var (ours, theirs) = (task.Train(batch, steps).Loss, peer.Train(batch, steps).Loss);
        return Math.Abs(ours - theirs) <= 2e-4 * theirs
            ? string.Create(CultureInfo.InvariantCulture, $"loss after {steps} steps {ours:0.00000}, peer {theirs:0.00000}")
            : throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"After {steps} steps of {batch} rows the loss is {ours}, the peer's {theirs}; they should be equal."));
    }

    static IEnumerable<(string, string)> Facts(TorchSharpPeer peer, BenchmarkRow[] rows, List<double> peaks)
    {
        var peak = BenchmarkRow.Median(peaks);
        yield return ("Capstan", typeof(Capstan.Training.DnnLearner).Assembly.GetName().Version?.ToString(3) ?? "unknown");
        yield return ("TorchSharp", peer.Versions);
        yield return (".NET", RuntimeInformation.FrameworkDescription);
        yield return ("CPU", MachineFacts.Processor());
        yield return ("rates", $"per second of CPU time, one thread each; median of {Pairs} interleaved pairs");
        yield return ("FMA peak", string.Create(
            CultureInfo.InvariantCulture, $"{peak / 1e9:0.0} GFLOP/s on one core, 256-bit vectors, measured between the pairs"));
        foreach (var row in rows.Where(row => row.Peer == "TorchSharp"))
        {
            var rate = BenchmarkRow.Median(row.Pairs.Select(pair => pair.Ours)) * NetworkTask.OperationsPerRow;
            yield return (row.Subject.Split(", ")[1],
                string.Create(CultureInfo.InvariantCulture, $"{rate / 1e9:0.0} GFLOP/s, {100 * rate / peak:0} % of the peak"));
        }
    }
}

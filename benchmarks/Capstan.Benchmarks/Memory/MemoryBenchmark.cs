using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>
/// Resident memory of training does not depend on the size of the data: the command line trains on simulated trips of 2 GB
/// and of 20 GB of CSV (sizes in GB: CAPSTAN_MEMORY_SIZES), and its peak resident memory is read when it ends.
/// </summary>
static class MemoryBenchmark
{
    const double RowsPerGigabyte = 1e9 / 88.3;
    const double LimitMegabytes = 600;

    public static BenchmarkReport Run()
    {
        var sizes = (Environment.GetEnvironmentVariable("CAPSTAN_MEMORY_SIZES") ?? "2 20").Split(' ')
            .Select(size => double.Parse(size, CultureInfo.InvariantCulture)).ToArray();
        var folder = Directory.CreateTempSubdirectory("capstan-memory-").FullName;
        try
        {
            var runs = sizes.Select(size => Train(size, folder)).ToArray();
            // Rows compare rates, of which more is better; of memory less is, so here the promise stands first.
            var rows = runs.Select(run => new BenchmarkRow(
                FormattableString.Invariant($"promised limit over the peak found, {run.Gigabytes:0.0} GB of CSV"), "kB", "peak",
                [new RatePair(LimitMegabytes * 1e3, run.Megabytes * 1e3)], 1, FormattableString.Invariant($"{run.Rows:N0} rows in {run.Seconds:N0} s")));
            var growth = new BenchmarkRow(
                "peak of the smallest over that of the largest", "kB", "largest",
                [new RatePair(runs[0].Megabytes * 1e3, runs[^1].Megabytes * 1e3)], 1 / 1.1, "within 10 %");
            return new BenchmarkReport("memory", [.. MachineFacts.All()], [.. rows, growth]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static (double Gigabytes, double Megabytes, double Seconds, long Rows) Train(double gigabytes, string folder)
    {
        var rows = (long)(gigabytes * RowsPerGigabyte);
        var csv = Path.Combine(folder, "trips.csv");
        Capstan("simulate", "trips", "--rows", $"{rows}", csv);
        var size = new FileInfo(csv).Length / 1e9;
        var watch = Stopwatch.StartNew();
        var megabytes = Capstan(
            "train", Path.Combine(Repository.Root(), "samples", "trips", "pipeline.json"), "--data", csv,
            "--out", Path.Combine(folder, "model"), "--overwrite");
        File.Delete(csv);
        return (size, megabytes, watch.Elapsed.TotalSeconds, rows);
    }

    /// <summary>Runs the command line; returns the peak resident memory of the process in MB, as the kernel counted it.</summary>
    static double Capstan(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root(), "capstan"), arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("./capstan can't be started.");
        _ = process.StandardOutput.ReadToEndAsync();
        double peak = 0;
        while (!process.WaitForExit(200))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
        }

        return process.ExitCode == 0 ? peak : throw new InvalidOperationException($"capstan {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    static double PeakOf(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line["VmHWM:".Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // It ended between two looks.
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Capstan.Cli.Tests;

/// <summary>The small version of <c>benchmarks/run memory</c>, in processes of their own.</summary>
public sealed class MemoryTests
{
    const double LimitMegabytes = 600;

    // 88.3 bytes each.
    const int RowsOfAGigabyte = 11_320_000;

    // A quarter of a gigabyte is over before the collector has found its pace, and says little.
    [Fact]
    public async Task Training_on_two_gigabytes_takes_the_memory_of_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peak memory is read from /proc.");
        var folder = Directory.CreateTempSubdirectory("capstan-memory-");
        try
        {
            // On a busy machine the collector may be late once, or the last look at the first training miss its peak; what two gigabytes need, they need each time.
            var (one, two) = (0.0, double.MaxValue);
            for (var attempt = 0; attempt < 3 && two > 1.1 * one; attempt++)
            {
                one = Math.Max(one, await PeakOfTrainingAsync(folder.FullName, RowsOfAGigabyte));
                two = Math.Min(two, await PeakOfTrainingAsync(folder.FullName, 2 * RowsOfAGigabyte));
            }

            Assert.InRange(one, 20, LimitMegabytes);
            Assert.InRange(two, 20, Math.Min(LimitMegabytes, 1.1 * one));
        }
        finally
        {
            folder.Remove();
        }
    }

    static async Task<double> PeakOfTrainingAsync(string folder, int rows)
    {
        var data = Path.Combine(folder, "trips.csv");
        await PeakOfAsync("simulate", "trips", "--rows", $"{rows}", data, "--quiet");
        var pipeline = Path.Combine(folder, "pipeline.json");
        await File.WriteAllTextAsync(
            pipeline,
            """
            {
              "label": "fare_amount",
              "features": {
                "distance": "z_score(trip_distance)", "distance_bucket": "bucketize(trip_distance, 64)", "payment": "vocabulary(payment_type)",
                "from": "cross(bucketize(pickup_longitude, 32), bucketize(pickup_latitude, 32), buckets: 2048)"
              },
              "estimator": { "kind": "LinearRegressor", "stream": true }
            }
            """);
        var peak = await PeakOfAsync("train", pipeline, "--data", data, "--out", Path.Combine(folder, $"model-{rows}"), "--overwrite", "--quiet");
        File.Delete(data);
        return peak;
    }

    /// <returns>The peak resident memory in MB, as the kernel counted it.</returns>
    static async Task<double> PeakOfAsync(params string[] arguments)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        using var process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!; // dotnet runs this very test
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        double peak = 0;
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!process.HasExited && await clock.WaitForNextTickAsync())
        {
            peak = Math.Max(peak, PeakOf(process.Id));
        }

        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error + await output);
        return peak;
    }

    static double PeakOf(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line["VmHWM:".Length..].Replace("kB", ""), CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // it ended between two looks
        }
    }
}

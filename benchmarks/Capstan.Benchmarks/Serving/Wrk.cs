using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Benchmarks;

/// <summary>The load generator: wrk (Debian's package), one thread, a number of connections, as many requests as are answered.</summary>
static partial class Wrk
{
    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    static partial Regex Rate { get; }

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    static partial Regex Percentile { get; }

    /// <summary>Posts a body, or gets where there is none.</summary>
    /// <returns>Requests a second, and how many were answered otherwise than with 2xx or not at all.</returns>
    public static async Task<(double Rate, long Errors, string P99)> RunAsync(Uri address, byte[]? body, int connections, int seconds)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, body is null ? "" : $"wrk.method=\"POST\"\nwrk.body=[==[{Encoding.UTF8.GetString(body)}]==]\n");
            using var process = Process.Start(new ProcessStartInfo(
                "wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", "--latency", "-s", script, address.ToString()]) { RedirectStandardOutput = true })
                ?? throw new InvalidOperationException("wrk did not start.");
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            var errors = output.Split('\n').Where(line => line.Contains("Non-2xx") || line.Contains("Socket errors")).Sum(line =>
                Numbers(line).Sum());
            return (double.Parse(Rate.Match(output).Groups[1].Value, CultureInfo.InvariantCulture), errors, Percentile.Match(output) is { Success: true } p ? p.Groups[1].Value + p.Groups[2].Value : "?");
        }
        finally
        {
            File.Delete(script);
        }
    }

    static IEnumerable<long> Numbers(string line) => Digits.Matches(line[(line.IndexOf(':') + 1)..]).Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\d+")]
    static partial Regex Digits { get; }
}

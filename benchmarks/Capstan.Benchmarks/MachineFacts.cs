using System.Runtime.InteropServices;

namespace Capstan.Benchmarks;

/// <summary>What every report says about where it was measured.</summary>
static class MachineFacts
{
    public static IEnumerable<(string, string)> All()
    {
        yield return ("Capstan", typeof(Data.Schema).Assembly.GetName().Version?.ToString(3) ?? "unknown");
        yield return (".NET", RuntimeInformation.FrameworkDescription);
        yield return ("CPU", Processor());
        yield return ("rates", "per second of CPU time, one thread; medians");
    }

    public static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}

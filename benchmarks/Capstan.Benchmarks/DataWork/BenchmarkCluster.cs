using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Capstan.Benchmarks;

/// <summary>What a command took.</summary>
/// <param name="CpuSeconds">Of its process and of all nodes meanwhile.</param>
readonly record struct CommandCost(double Seconds, double CpuSeconds, string Output);

/// <summary>A folder with a cluster of nodes of this machine, each a process of its own, and commands in it.</summary>
sealed class BenchmarkCluster : IDisposable
{
    // Of clocks in /proc, on every Linux that .NET runs on.
    const double TicksPerSecond = 100;

    static readonly string Program =
        $"'{Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"))}' " +
        $"'{Path.Combine(Repository.Root(), "apps", "cli", "bin", "Release", "net10.0", "Capstan.Cli.dll")}'";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-data-work-");
    readonly List<Process> _nodes = [];

    BenchmarkCluster()
    {
    }

    /// <summary>Starts nodes and waits until each is in the cluster.</summary>
    public static BenchmarkCluster Start(int nodes)
    {
        var cluster = new BenchmarkCluster();
        for (var index = 0; index < nodes; index++)
        {
            var node = cluster.Begin("node --roles worker");
            cluster._nodes.Add(node);
            if (node.StandardOutput.ReadLine() is not { } said || !said.StartsWith("In cluster", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Node {index} did not start: {node.StandardError.ReadToEnd()}");
            }
        }

        return cluster;
    }

    public string At(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs a command to its end.</summary>
    public CommandCost Capstan(string arguments)
    {
        var (before, started) = (NodeSeconds(), Stopwatch.GetTimestamp());
        using var command = Begin(arguments, "TIMEFORMAT='%U %S'; time ");
        var (output, error) = (command.StandardOutput.ReadToEndAsync(), command.StandardError.ReadToEndAsync());
        command.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var said = error.GetAwaiter().GetResult();
        if (command.ExitCode != 0)
        {
            throw new InvalidOperationException($"capstan {arguments}: {said}");
        }

        // The shell's last line is the times of what it ran.
        var own = said.TrimEnd().Split('\n')[^1].Split(' ').Sum(text => double.Parse(text, CultureInfo.InvariantCulture));
        return new CommandCost(seconds, own + NodeSeconds() - before, output.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Kill();
            node.WaitForExit();
            node.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    Process Begin(string arguments, string before = "exec ") => Process.Start(new ProcessStartInfo("bash", ["-c", $"{before}{Program} {arguments}"])
    {
        WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
    })!; // the system has bash, or benchmarks/run would not run either

    double NodeSeconds() => _nodes.Sum(node =>
    {
        var line = File.ReadAllText($"/proc/{node.Id}/stat");
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    });
}

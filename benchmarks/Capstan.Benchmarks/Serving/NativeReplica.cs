using System.Diagnostics;

namespace Capstan.Benchmarks;

/// <summary>The native replica as a process; it ends with its input.</summary>
sealed class NativeReplica : IAsyncDisposable
{
    public const string Token = "benchmark";

    readonly Process _process;

    NativeReplica(Process process, Uri url) => (_process, Url) = (process, url);

    public static string Program => Path.Combine(Repository.Root(), ".capstan", "replica", "Capstan.Replica");

    public Uri Url { get; }

    /// <summary>Memory that the process holds now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Processor time that the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<NativeReplica> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Program, [.. arguments, "--attached"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, Environment = { ["CAPSTAN_REPLICA_TOKEN"] = Token },
        }) ?? throw new InvalidOperationException("The replica did not start.");
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The replica ended before it listened.");
        return new NativeReplica(process, new Uri(line));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

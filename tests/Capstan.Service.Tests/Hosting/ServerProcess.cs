using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Capstan.Service.Tests;

/// <summary><c>capstan server</c> as people run it: a process that can be killed.</summary>
sealed class ServerProcess : IDisposable
{
    ServerProcess(Process process, Uri url) => (Process, Url) = (process, url);

    public Process Process { get; }

    public Uri Url { get; }

    /// <param name="before">Words before the command line: a program that runs it.</param>
    /// <returns>Null: it ended before it said where it listens.</returns>
    public static async Task<ServerProcess?> TryStartAsync(string folder, IEnumerable<string> options, params string[] before)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] words =
        [
            .. before, dotnet, Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "server", "--port", "0", "--data", folder, "--quiet", .. options,
        ];
        var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!; // a new process
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ').FirstOrDefault(word => word.StartsWith("http", StringComparison.Ordinal)) is { } url)
        {
            return new ServerProcess(process, new Uri(url));
        }

        await process.WaitForExitAsync();
        process.Dispose();
        return null;
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }
}

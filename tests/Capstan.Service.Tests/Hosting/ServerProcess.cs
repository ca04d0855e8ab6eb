using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Capstan.Service.Tests;

/// <summary><c>capstan server</c> as people run it: a process that can be killed.</summary>
sealed class ServerProcess : IAsyncDisposable
{
    readonly string _folder;

    ServerProcess(Process process, Uri url, string folder) => (Process, Url, _folder) = (process, url, folder);

    public Process Process { get; }

    public Uri Url { get; }

    /// <summary>Starts one that nobody kills meanwhile.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, params string[] options)
    {
        var said = "";
        return await TryStartAsync(folder, options, [], text => said = text)
            ?? throw new InvalidOperationException($"The server ended before it had said where it listens: {said}");
    }

    /// <param name="before">Words before the command line: a program that runs it.</param>
    /// <returns>Null: it ended before it said where it listens.</returns>
    /// <param name="lastWords">Gets what one that ended has said of itself.</param>
    public static async Task<ServerProcess?> TryStartAsync(string folder, IEnumerable<string> options, string[] before, Action<string>? lastWords = null)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] words =
        [
            .. before, dotnet, Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), "server", "--port", "0", "--data", folder, "--quiet", .. options,
        ];
        var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!; // a new process
        var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ').FirstOrDefault(word => word.StartsWith("http", StringComparison.Ordinal)) is { } url)
        {
            return new ServerProcess(process, new Uri(url), folder);
        }

        await process.WaitForExitAsync();
        lastWords?.Invoke($"{line}{await complaints}");
        process.Dispose();
        await UntilFreeAsync(folder);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        await UntilFreeAsync(_folder);
    }

    /// <summary>
    /// The server before what runs it: one whose calls are watched would find them refused, were the watcher gone first.
    /// </summary>
    public void Kill()
    {
        try
        {
            foreach (var child in File.ReadAllText($"/proc/{Process.Id}/task/{Process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                using var server = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
                server.Kill();
            }

            Process.Kill();
        }
        catch (Exception gone) when (gone is IOException or ArgumentException or InvalidOperationException)
        {
            // Either has ended by itself meanwhile.
        }
    }

    /// <summary>A program that ran the server may be gone a moment before the server is.</summary>
    static async Task UntilFreeAsync(string folder)
    {
        while (true)
        {
            try
            {
                await using var held = new FileStream(Path.Combine(folder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(10);
            }
        }
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// Runs jobs as processes of this machine, each in a session of its own, so that neither Ctrl-C on the server nor its death ends
/// them.
/// </summary>
/// <param name="program">The command line that a job's folder is added to: <c>dotnet Capstan.Cli.dll run-job</c>.</param>
/// <param name="machine">This machine's name: a process id means nothing on another.</param>
/// <param name="variables">What the program is told besides, that no command line may show; trainers don't see it.</param>
public sealed partial class LocalJobRunner(
    IReadOnlyList<string> program, string machine, IReadOnlyDictionary<string, string>? variables = null) : IJobRunner
{
    const int Terminate = 15;
    const int Kill = 9;

    public async Task StartAsync(string folder, CancellationToken cancellationToken)
    {
        if (await IsRunningAsync(folder, cancellationToken))
        {
            return;
        }

        var files = new JobFolder(folder);

        // The log is the process's only output; what is wrong before it can write its log is found there too.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "exec \"$@\" >> \"$0\" 2>&1 < " +
            "/dev/null", files.Log, .. program, folder])
        {
            WorkingDirectory = folder,
        };
        ChildEnvironment.Reduce(start.Environment);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!; // a new process
        files.Write(new JobProcessMark(process.Id, StartTicksOf(process.Id) ?? 0, machine));
    }

    public Task<bool> IsRunningAsync(string folder, CancellationToken cancellationToken) => Task.FromResult(
        new JobFolder(folder).Process is { } mark && mark.Machine == machine && StartTicksOf(mark.Id) is { } ticks &&
            ticks == mark.StartTicks);

    public async Task StopAsync(string folder, bool atOnce, CancellationToken cancellationToken)
    {
        if (await IsRunningAsync(folder, cancellationToken) && new JobFolder(folder).Process is { } mark)
        {
            // All of its session; a trainer's own children too.
            SendSignal(-mark.Id, atOnce ? Kill : Terminate);
        }
    }

    /// <summary>Field 22 of /proc/ID/stat; null: there is no such process, or it has ended and waits to be reaped.</summary>
    static long? StartTicksOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}

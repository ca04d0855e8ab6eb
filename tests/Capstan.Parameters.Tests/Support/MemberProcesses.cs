using System.Diagnostics;
using System.Formats.Cbor;
using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>A job's servers, workers and coordinator as processes, which are killed now and then and replaced.</summary>
sealed partial class MemberProcesses : IDisposable
{
    const int Stop = 19;
    const int Continue = 18;

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-members-").FullName;
    readonly List<(Process Process, string Address)> _servers = [];
    readonly List<Process> _workers = [];
    readonly List<Process> _paused = [];
    Process? _coordinator;

    public string Checkpoints => Path.Combine(_folder, "checkpoints");

    public List<string> Notices { get; } = [];

    /// <summary>What the coordinator said of each shard's ledger at the end: batches taken in, and steps made.</summary>
    public List<string> Ledgers { get; } = [];

    /// <summary>Runs a job to its end, doing harm along the way.</summary>
    /// <param name="harm">
    /// Called with the number of rows learned so far, each time it is told; the coordinator waits for its end, so that the job does not end meanwhile.
    /// </param>
    /// <returns>The predictor as it is stored.</returns>
    public byte[] Run(TrainingJob job, int servers, int workers, Action<long> harm)
    {
        File.WriteAllText(InFolder("job"), TrainingJobText.Of(job));
        for (var index = 0; index < servers; index++)
        {
            AddServer();
        }

        StartCoordinator();
        for (var index = 0; index < workers; index++)
        {
            AddWorker();
        }

        while (!File.Exists(InFolder("result")))
        {
            var line = _coordinator!.StandardOutput.ReadLine(); // it was started
            if (line is null)
            {
                if (_coordinator.WaitForExit(0) && _coordinator.ExitCode != 137)
                {
                    throw new InvalidOperationException($"The coordinator ended with {_coordinator.ExitCode}: {_coordinator.StandardError.ReadToEnd()}");
                }

                StartCoordinator();
            }
            else
            {
                Hear(line, harm);
            }
        }

        while (_coordinator!.StandardOutput.ReadLine() is { } rest) // it was started
        {
            Hear(rest, _ => { });
        }

        return File.ReadAllBytes(InFolder("result"));
    }

    void Hear(string line, Action<long> harm)
    {
        switch (line.Split(' ', 2))
        {
            case ["rows", var rows]:
                var waiting = _coordinator;
                harm(long.Parse(rows));
                if (waiting == _coordinator)
                {
                    GoOn(waiting!); // it was started
                }

                break;
            case ["notice", var notice]:
                Notices.Add(notice);
                break;
            case ["ledger", var ledger]:
                Ledgers.Add(ledger);
                break;
        }
    }

    static void GoOn(Process coordinator)
    {
        try
        {
            coordinator.StandardInput.WriteLine();
        }
        catch (IOException)
        {
            // It has ended, which its output tells.
        }
    }

    /// <summary>Kills a member, whichever comes.</summary>
    public Victim KillAny(SeededRandom random)
    {
        var victim = (Victim)random.NextInt32(3);
        switch (victim)
        {
            case Victim.Server:
                KillServer(random);
                break;
            case Victim.Worker:
                KillWorker(random);
                break;
            default:
                KillCoordinator();
                break;
        }

        return victim;
    }

    public void KillServer(SeededRandom random)
    {
        var victim = random.NextInt32(_servers.Count);
        var process = _servers[victim].Process;
        _servers.RemoveAt(victim);
        End(process);
        AddServer();
    }

    public void KillWorker(SeededRandom random)
    {
        var victim = random.NextInt32(_workers.Count);
        var process = _workers[victim];
        _workers.RemoveAt(victim);
        End(process);
        AddWorker();
    }

    public void KillCoordinator()
    {
        End(_coordinator!); // it was started
        StartCoordinator();
    }

    /// <summary>Stops a server without ending it.</summary>
    public void PauseServer(SeededRandom random) => Pause(_servers[random.NextInt32(_servers.Count)].Process);

    public void PauseWorker(SeededRandom random) => Pause(_workers[random.NextInt32(_workers.Count)]);

    /// <summary>Gives a worker a tenth of the time, until the answer is disposed.</summary>
    public SlowProcess SlowWorker()
    {
        var process = _workers[^1];
        return new SlowProcess(() => Signal(process, Stop), () => Signal(process, Continue));
    }

    public void ContinueAll()
    {
        _paused.ForEach(process => Signal(process, Continue));
        _paused.Clear();
    }

    /// <summary>What one machine comes to, as it is stored.</summary>
    public static byte[] Alone(TrainingJob job)
    {
        using var rows = ExampleRows.Make((int)job.RowCount, 1);
        using var validation = ExampleRows.Make(300, 2);
        var writer = new CborWriter(CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, ExampleJob.Alone(job, rows, validation).Predictor);
        return writer.Encode();
    }

    public void Dispose()
    {
        ContinueAll();
        foreach (var process in _servers.Select(server => server.Process).Concat(_workers).Append(_coordinator))
        {
            if (process is not null)
            {
                End(process);
            }
        }

        Folders.Remove(_folder);
    }

    public void AddServer()
    {
        var process = Start("server");
        var said = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"A server did not start: {process.StandardError.ReadToEnd()}");
        _servers.Add((process, said["ready ".Length..]));
        File.WriteAllLines(InFolder("servers.part"), _servers.Select(server => server.Address));
        File.Move(InFolder("servers.part"), InFolder("servers"), overwrite: true);
    }

    public void AddWorker() => _workers.Add(Start("worker", InFolder("job"), InFolder("map")));

    void StartCoordinator() =>
        _coordinator = Start("coordinator", InFolder("job"), InFolder("map"), InFolder("servers"), InFolder("result"));

    void Pause(Process process)
    {
        Signal(process, Stop);
        _paused.Add(process);
    }

    string InFolder(string name) => Path.Combine(_folder, name);

    static Process Start(string role, params string[] arguments)
    {
        // tests/Capstan.Parameters.Tests/bin/CONFIGURATION/FRAMEWORK
        var here = AppContext.BaseDirectory.TrimEnd('/');
        var (framework, configuration) = (Path.GetFileName(here), Path.GetFileName(Path.GetDirectoryName(here)!)); // it lies that deep
        var member = Path.GetFullPath(Path.Combine(
            here, "../../../..", "Capstan.Parameters.Member/bin", configuration, framework, "Capstan.Parameters.Member.dll"));
        return Process.Start(new ProcessStartInfo("dotnet", [member, role, "a shared secret", .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!; // no shell is used
    }

    static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    static void Signal(Process process, int signal) => _ = SendSignal(process.Id, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>Who is killed.</summary>
enum Victim
{
    Server,
    Worker,
    Coordinator,
}

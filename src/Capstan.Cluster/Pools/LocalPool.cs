using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>
/// Processes of this machine. Each lease is a file that names its process, so that every program that uses the same folder counts
/// the same places, and a lease whose process is gone is free again, however it ended.
/// </summary>
/// <param name="folder">Where leases are noted; made where it is missing.</param>
/// <param name="places">How many leases there are at once. More than processors is well: they share them.</param>
public sealed class LocalPool(string folder, int places = LocalPool.UsualPlaces) : IMachinePool
{
    public const int UsualPlaces = 32;

    // A command gets so long to end by itself.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // A session of its own: Ctrl-C in the terminal that started it is not meant for it, and all it starts can be ended by one
    // signal.
    const string Launcher = """exec "$@" >> "$CAPSTAN_LOG" 2>&1 < /dev/null""";

    public string Name => places == UsualPlaces ? "local" : $"local:{places}";

    public bool IsRemote => false;

    public async ValueTask<MachineLease?> TryLeaseAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        using var turn = await TurnAsync(cancellationToken);
        if (Held().Count() >= places)
        {
            return null;
        }

        var start = new ProcessStartInfo("setsid", ["sh", "-c", Launcher, "sh", .. request.Command]) { WorkingDirectory = request.Folder };
        if (request.IsBare)
        {
            ChildEnvironment.Reduce(start.Environment);
        }

        foreach (var (name, value) in request.Variables)
        {
            start.Environment[name] = value;
        }

        start.Environment["CAPSTAN_LOG"] = Path.GetFullPath(request.Log);
        using var process = Start(start);
        var id = ProcessStart.Of(process.Id) is { } started ? $"{process.Id}-{started}" : $"{process.Id}-0";
        File.WriteAllText(Path.Combine(folder, id), request.Name);
        return new MachineLease(Name, id);
    }

    public ValueTask<LeaseState> LookAsync(MachineLease lease, CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsAlive(lease.Id) ? LeaseState.Running : LeaseState.Ended);

    public async ValueTask ReturnAsync(MachineLease lease, CancellationToken cancellationToken)
    {
        if (IsAlive(lease.Id))
        {
            var process = ProcessOf(lease.Id).Process;
            Signals.SendToGroup(process, Signals.Terminate);
            var waited = Stopwatch.StartNew();
            while (IsAlive(lease.Id) && waited.Elapsed < Grace)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }

            // Also what the command has started and left behind.
            Signals.SendToGroup(process, Signals.Kill);
        }

        if (Directory.Exists(folder))
        {
            File.Delete(Path.Combine(folder, lease.Id));
        }
    }

    Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!; // not null for a new process
        }
        catch (Win32Exception fault)
        {
            throw new PoolException(Name, $"can't start a process: {fault.Message}.");
        }
    }

    // The leases that live; the notes of others are removed on the way.
    IEnumerable<string> Held()
    {
        foreach (var note in Directory.EnumerateFiles(folder, "*-*").Select(Path.GetFileName).OfType<string>().ToArray())
        {
            if (IsAlive(note))
            {
                yield return note;
            }
            else
            {
                File.Delete(Path.Combine(folder, note));
            }
        }
    }

    // Programs that lease at the same time count one after the other.
    async Task<FileStream> TurnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "turn"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
            }
        }
    }

    static bool IsAlive(string id) => ProcessOf(id) is var (process, started) && process > 0 && ProcessStart.Of(process) == started;

    static (int Process, long Started) ProcessOf(string id)
    {
        var parts = id.Split('-');
        return parts is [var process, var started] && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                ? (number, ticks)
                : (0, 0);
    }
}

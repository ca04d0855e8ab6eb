using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace Capstan.Serving;

/// <summary>
/// What a process and those that it started have used: a replica's imported models compute in processes of their own (<see cref="IsolatedRuntime"/>).
/// </summary>
static class ProcessTree
{
    // What the kernel counts for programs, whatever it counts for itself: USER_HZ.
    const int TicksPerSecond = 100;

    /// <summary>
    /// Processor time so far, that of children which have ended included. It may be read while one of them ends, and is then short of, or beyond, what that one used,
    /// until it is read again. Where there is no <c>/proc</c>, the process's own.
    /// </summary>
    /// <returns>Null where it has ended.</returns>
    public static TimeSpan? ProcessorTimeOf(Process process)
    {
        try
        {
            return !OperatingSystem.IsLinux() ? process.TotalProcessorTime : process.HasExited ? null : OfTree(process.Id);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <remarks>The whole of <c>/proc</c> is read, some milliseconds: not every kernel tells a process's children.</remarks>
    static TimeSpan? OfTree(int root)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder))
            .Where(name => char.IsAsciiDigit(name[0])).Select(Read).OfType<Line>().ToArray();
        if (!Array.Exists(all, line => line.Id == root))
        {
            return null;
        }

        var children = all.ToLookup(line => line.Parent);
        var (ticks, waiting) = (0L, new Queue<Line>(all.Where(line => line.Id == root)));
        while (waiting.TryDequeue(out var line))
        {
            ticks += line.Ticks;
            foreach (var child in children[line.Id])
            {
                waiting.Enqueue(child);
            }
        }

        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    /// <remarks>Source: proc_pid_stat(5). The name, which is the second field, may hold anything, brackets and spaces too.</remarks>
    static Line? Read(string id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // From the third on.
            const int Parent = 1, Own = 11, OwnSystem = 12, Waited = 13, WaitedSystem = 14;
            return new Line(
                Number<int>(id), Number<int>(fields[Parent]),
                Number<long>(fields[Own]) + Number<long>(fields[OwnSystem]) + Number<long>(fields[Waited]) + Number<long>(fields[WaitedSystem]));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null; // It has ended meanwhile, or is none of ours.
        }
    }

    static T Number<T>(string text) where T : INumberBase<T> => T.Parse(text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    sealed record Line(int Id, int Parent, long Ticks);
}

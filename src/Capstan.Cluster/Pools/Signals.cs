using System.Runtime.InteropServices;

namespace Capstan.Cluster;

/// <summary>Signals to processes, which .NET sends only one of.</summary>
static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    // What is not there any more needs no signal: the results tell nothing of use.
    public static void Send(int process, int signal) => _ = kill(process, signal);

    /// <param name="leader">The process that leads the group.</param>
    public static void SendToGroup(int leader, int signal) => _ = kill(-leader, signal);

    /// <summary>To a process and all that it has started, as far as those still belong to it.</summary>
    public static void SendToTree(int root, int signal)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var process) ? process : 0).Where(process => process > 0)
            .ToLookup(process => ProcessStart.ParentOf(process) ?? 0);
        var tree = new List<int> { root };
        for (var index = 0; index < tree.Count; index++)
        {
            tree.AddRange(children[tree[index]]);
        }

        tree.ForEach(process => Send(process, signal));
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}

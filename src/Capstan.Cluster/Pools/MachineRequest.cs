using System.Collections.Immutable;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>What to start on a machine of a pool.</summary>
/// <param name="Name">What people read in the pool's own lists: letters, digits, '-' and '_'.</param>
/// <param name="Command">A program and its arguments; no shell reads them.</param>
/// <param name="Variables">Environment variables beside those of this process.</param>
/// <param name="Folder">Where it runs; on other machines under the same name.</param>
/// <param name="Log">The file that gets what it writes.</param>
public sealed record MachineRequest(
    string Name, ImmutableArray<string> Command, ImmutableDictionary<string, string> Variables, string Folder, string Log)
{
    /// <summary>
    /// Whether the command gets only those of this process' variables that are no secrets (<see cref="ChildEnvironment"/>), where this
    /// process is a server.
    /// </summary>
    public bool IsBare { get; init; }

    public Resources Needs { get; init; } = Resources.OneProcessor;
}

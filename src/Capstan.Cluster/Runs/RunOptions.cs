using System.Collections.Immutable;
using System.Net;

namespace Capstan.Cluster;

/// <summary>A program of the user's own to run as several processes.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Self">The words that start this very program, for the members' side.</param>
/// <param name="Folder">Where the members run.</param>
/// <param name="Logs">A folder for what the members' own side has to say.</param>
public sealed record RunOptions(ImmutableArray<string> Command, ImmutableArray<string> Self, string Folder, string Logs)
{
    /// <summary>Beside the chief.</summary>
    public int Workers { get; init; }

    public int ParameterServers { get; init; }

    public int Evaluators { get; init; }

    public Resources Needs { get; init; } = Resources.OneProcessor;

    /// <summary>Where members reach this process.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>See <see cref="MachineRequest.IsBare"/>.</summary>
    public bool IsBare { get; init; }

    /// <summary>So long members may take to arrive: machines may have to be switched on.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For the names in the pool's own lists.</summary>
    public string Name { get; init; } = "run";

    /// <summary>See <see cref="ClusterSpec.ChiefTask"/>.</summary>
    public string ChiefTask { get; init; } = "chief";

    /// <summary>See <see cref="ClusterSpec.JobText"/>.</summary>
    public string? JobText { get; init; }

    internal IEnumerable<Member> Members() =>
    [
        new(MemberRole.Chief, 0),
        .. Enumerable.Range(0, Workers).Select(index => new Member(MemberRole.Worker, index)),
        .. Enumerable.Range(0, ParameterServers).Select(index => new Member(MemberRole.ParameterServer, index)),
        .. Enumerable.Range(0, Evaluators).Select(index => new Member(MemberRole.Evaluator, index)),
    ];
}

using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>What a node says of itself, twice a second.</summary>
/// <param name="Name">Its own for ever.</param>
/// <param name="Roles">None: the node leaves.</param>
/// <param name="Server">Where its parameter server listens; empty where it has none.</param>
/// <param name="Members">What runs on it.</param>
/// <param name="Silo">What Orleans calls it.</param>
[GenerateSerializer]
sealed record NodeReport(
    [property: Id(0)] string Name, [property: Id(1)] NodeRoles Roles, [property: Id(2)] int Slots, [property: Id(3)] string Server,
    [property: Id(4)] JobMember[] Members, [property: Id(5)] SiloAddress Silo);

/// <summary>What a node does for a job.</summary>
enum JobPart
{
    Coordinator = 0,
    Worker = 1,
    Server = 2,
}

/// <summary>One part of a job.</summary>
/// <param name="Index">0-based among those of its part.</param>
[GenerateSerializer]
readonly record struct JobMember([property: Id(0)] string Job, [property: Id(1)] JobPart Part, [property: Id(2)] int Index)
{
    /// <summary>For log lines: <c>worker-1</c>.</summary>
    public override string ToString() => Part switch
    {
        JobPart.Coordinator => "coordinator",
        JobPart.Worker => $"worker-{Index}",
        _ => $"ps-{Index}",
    };
}

/// <summary>What a node shall run from now on, and nothing else.</summary>
/// <param name="Leave">Nobody needs the node any more: it was leased, and ends.</param>
[GenerateSerializer]
sealed record NodeOrders([property: Id(0)] JobMember[] Members, [property: Id(1)] bool Leave);

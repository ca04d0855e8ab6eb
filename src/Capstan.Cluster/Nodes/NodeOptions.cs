using System.Collections.Immutable;
using System.Net;

namespace Capstan.Cluster;

/// <summary>What a person says about a node before it starts.</summary>
public sealed record NodeOptions
{
    /// <summary>The environment variable that carries the database's address to nodes which a pool starts.</summary>
    public const string DatabaseVariable = "CAPSTAN_DATABASE";

    /// <summary>Nodes of one name are one cluster; databases can hold several.</summary>
    public string Cluster { get; init; } = "capstan";

    /// <summary>What its log lines and metrics call it; null: after its address.</summary>
    public string? Name { get; init; }

    /// <summary>Who is in the cluster, and its jobs.</summary>
    public required ClusterDatabase Database { get; init; }

    public required JoinToken Token { get; init; }

    /// <summary>Where the other nodes reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port that other nodes talk to, and that <c>--join</c> names; 0 takes a free one.</summary>
    public int Port { get; init; }

    public NodeRoles Roles { get; init; } = NodeRoles.Both;

    /// <summary>How many members of jobs run here at once.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>TLS towards every peer; null for none.</summary>
    public NodeCertificate? Certificate { get; init; }

    public FailureDetection Detection { get; init; } = FailureDetection.Default;

    /// <summary>The words that start this very program, to lease more nodes with; empty: jobs get no others than those that join.</summary>
    public ImmutableArray<string> Self { get; init; } = [];

    /// <summary>What nodes that it leases are told on their command line, beside what makes them part of the cluster.</summary>
    public ImmutableArray<string> LeasedWords { get; init; } = [];

    /// <summary>Where pools of this machine keep their leases.</summary>
    public string Leases { get; init; } = "";

    /// <summary>Whether what goes wrong is written to the console.</summary>
    public bool WritesWarnings { get; init; }

    /// <summary>Whether a pool has started the node, which is given back when nothing is wanted of it.</summary>
    public bool IsLeased { get; init; }

    /// <summary>What the node can do for jobs, besides training.</summary>
    public ImmutableArray<IJobWork> Works { get; init; } = [];

    /// <summary>All that is wrong, as sentences.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Cluster.Length == 0 || Cluster.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
        {
            yield return $"The cluster's name is '{Cluster}', expected letters, digits, '-', '_' and '.'.";
        }

        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            yield return $"The port is {Port}, expected 0 to {IPEndPoint.MaxPort}.";
        }

        if (Slots < 1)
        {
            yield return $"The node has {Slots} slots, expected at least 1.";
        }

        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
        {
            yield return $"The node's address is {Address}, which leads nowhere from other machines; name one of this machine's own.";
        }

        if (Database.IsLocal && !IPAddress.IsLoopback(Address))
        {
            yield return $"The cluster keeps its records in {Database}, a file that other machines can't share safely, and the node would be " +
                $"reached at {Address}. Give it a postgresql:// database, or leave it at {IPAddress.Loopback}.";
        }
    }
}

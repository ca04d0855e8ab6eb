namespace Capstan.Cluster;

/// <summary>What a job is, from its submission to its end.</summary>
/// <param name="Id">Letters, digits, '-' and '_'; one of its name in a cluster, for ever.</param>
/// <param name="Kind">Which <see cref="IJobWork"/> does it.</param>
/// <param name="Work">What that has to know, in its own words.</param>
/// <param name="Folder">A folder that every node can reach under this name, for what members hand each other.</param>
public sealed record JobDefinition(string Id, string Kind, string Work, string Folder)
{
    public int Workers { get; init; } = 1;

    public int ParameterServers { get; init; }

    /// <summary>Jobs of a higher priority begin before those of a lower one; of the same, the one submitted first.</summary>
    public int Priority { get; init; }

    /// <summary>Where machines come from that the cluster lacks, as <see cref="MachinePools.Parse"/> takes it; null: nowhere.</summary>
    public string? Pool { get; init; }

    public Resources Needs { get; init; } = Resources.OneProcessor;

    /// <summary>The span of whoever submitted it, as W3C's traceparent: those of its members are below; null: nobody traces.</summary>
    public string? Trace { get; init; }
}

namespace Capstan.Cluster;

/// <summary>
/// How soon a node that does not answer is taken for dead. Sooner fails over sooner, and takes more busy nodes for dead ones.
/// </summary>
/// <param name="Probe">A node has so long to answer.</param>
/// <param name="MissedProbes">So many answers in a row may be missing.</param>
/// <remarks>
/// A killed process is noticed at once, by its connections; the probes are for machines that hang or are cut off. 0.5 s × 2 was
/// measured to evict live nodes of a host with more work than processors; 1 s × 3 was not.
/// </remarks>
public sealed record FailureDetection(TimeSpan Probe, int MissedProbes)
{
    public static FailureDetection Default { get; } = new(TimeSpan.FromSeconds(1), 3);
}

namespace Capstan.Cluster;

/// <summary>What should say where a cluster keeps its records says something else.</summary>
public sealed class ClusterAddressException(string found, string problem) : Exception(
    $"The cluster's database was given as '{found}': {problem}. Expected sqlite:FILE for one machine, " +
    "or postgresql://user:password@host:port/database for several.")
{
    public string Found { get; } = found;
}

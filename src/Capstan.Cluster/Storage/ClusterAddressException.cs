using System.Text.RegularExpressions;

namespace Capstan.Cluster;

/// <summary>What should say where a cluster keeps its records says something else.</summary>
public sealed partial class ClusterAddressException(string found, string problem) : Exception(
    $"The cluster's database was given as '{WithoutUser(found)}': {problem}. Expected sqlite:FILE for one machine, " +
    "or postgresql://user:password@host:port/database for several.")
{
    /// <summary>Without user and password.</summary>
    public string Found { get; } = WithoutUser(found);

    // Messages go into logs, which passwords must not.
    internal static string WithoutUser(string address) => User().Replace(address, "://");

    [GeneratedRegex("://[^/@]*@")]
    private static partial Regex User();
}

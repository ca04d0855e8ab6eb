namespace Capstan.Cluster;

/// <summary>A pool of machines does not do what it was asked for.</summary>
public sealed class PoolException(string pool, string problem) : Exception($"The pool '{pool}' {problem}")
{
    public string Pool { get; } = pool;
}

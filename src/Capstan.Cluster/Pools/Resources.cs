namespace Capstan.Cluster;

/// <summary>What a member needs of a machine.</summary>
/// <param name="Processors">At least 1.</param>
/// <param name="MemoryBytes">0: whatever the pool gives.</param>
public readonly record struct Resources(int Processors, long MemoryBytes)
{
    public static Resources OneProcessor { get; } = new(1, 0);
}

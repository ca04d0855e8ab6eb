namespace Capstan.Parameters;

/// <summary>A shard's primary does not answer, or refuses: ask for a new map.</summary>
sealed class ShardLostException(int shardIndex, ServerAddress address, string problem, Exception? cause) : Exception(
    $"Shard {shardIndex} is not to be had from {address}: {problem}", cause)
{
    public int ShardIndex { get; } = shardIndex;
}

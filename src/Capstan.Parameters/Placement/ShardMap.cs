using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Parameters;

/// <summary>Where a parameter server listens.</summary>
readonly record struct ServerAddress(string Host, int Port)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <exception cref="FormatException">The text is not HOST:PORT.</exception>
    public static ServerAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new ServerAddress(text[..colon], port)
            : throw new FormatException($"'{text}' is no address of a parameter server; expected HOST:PORT, such as 10.0.0.3:7301.");
    }
}

/// <summary>Who holds one shard of a job's parameters.</summary>
/// <param name="Primary">Whom workers pull from and push to.</param>
/// <param name="Replicas">Who has to have a push before the primary acknowledges it; none with <c>replicas: 0</c>.</param>
sealed record ShardPlacement(ServerAddress Primary, ImmutableArray<ServerAddress> Replicas);

/// <summary>
/// Who holds the shards of a job. The epoch grows with every change of any shard, and every frame carries it: a server that has
/// lost a shard, but does not know yet, is refused by whoever knows (fencing).
/// </summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Shards">By the shard's index.</param>
sealed record ShardMap(int Epoch, ImmutableArray<ShardPlacement> Shards);

/// <summary>How workers find the shards of a job: the coordinator itself, or something that forwards to it.</summary>
interface IShardMap
{
    /// <summary>The map as it is now.</summary>
    ValueTask<ShardMap> GetAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// Says that a primary could not be reached or refused, under a map of some epoch. The coordinator looks for itself before
    /// it moves anything.
    /// </summary>
    /// <returns>A newer map, once there is one; the same if the coordinator finds everybody well.</returns>
    ValueTask<ShardMap> ReportAsync(string jobId, int epoch, int shardIndex, CancellationToken cancellationToken);
}

/// <summary>Which parameter servers there are, from which the coordinator chooses the holders of shards.</summary>
interface IServerPool
{
    /// <summary>Those believed to be alive; one that is not costs a second.</summary>
    ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken);
}

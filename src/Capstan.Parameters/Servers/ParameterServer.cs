using System.Collections.Concurrent;
using System.Net;

namespace Capstan.Parameters;

/// <summary>
/// Holds shards of any number of jobs and answers whoever knows the token: workers, coordinators and other servers.
/// </summary>
sealed class ParameterServer : IDisposable
{
    readonly ChannelListener _listener;
    readonly ConcurrentDictionary<(string Job, int Shard), Shard> _shards = new();
    int _lastWorker;

    ParameterServer(ChannelOptions options, IPAddress address, int port, TimeProvider clock, string? host)
    {
        Clock = clock;
        _listener = ChannelListener.Start(options, address, port, host, channel => new ServerConnection(this, channel, options).Run());
    }

    /// <summary>Where others reach it.</summary>
    public ServerAddress Address => _listener.Address;

    public TimeProvider Clock { get; }

    /// <summary>Connections dropped because what came was not ours, damaged, or without the token.</summary>
    public long RefusedConnections => _listener.RefusedConnections;

    /// <param name="address">On which to listen.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="host">The name under which others reach it; null for the address itself.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The port is not free.</exception>
    public static ParameterServer Start(ChannelOptions options, IPAddress address, int port, TimeProvider clock, string? host = null) =>
        new(options, address, port, clock, host);

    /// <summary>Drops all shards and connections.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (var shard in _shards.Values)
        {
            shard.Dispose();
        }

        _shards.Clear();
    }

    public Shard? Find(string job, int shard) => _shards.GetValueOrDefault((job, shard));

    /// <summary>Begins to hold a shard, in place of what it held of it.</summary>
    public Shard Open(TrainingJob job, int index, int epoch)
    {
        var shard = new Shard(job, index, epoch, Clock);
        Close(job.Id, index);
        _shards[(job.Id, index)] = shard;
        return shard;
    }

    public void Close(string job, int index)
    {
        if (_shards.TryRemove((job, index), out var shard))
        {
            shard.Dispose();
        }
    }

    /// <summary>Of a job, the indexes of the shards that are here.</summary>
    public int[] ShardsOf(string job) => [.. _shards.Keys.Where(key => key.Job == job).Select(key => key.Shard).Order()];

    /// <summary>Whether it has nothing that anybody needs.</summary>
    public bool IsEmpty => _shards.IsEmpty;

    public int NextWorker() => Interlocked.Increment(ref _lastWorker);
}

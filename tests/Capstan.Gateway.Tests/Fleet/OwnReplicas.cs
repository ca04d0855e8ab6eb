using Capstan.Serving;

namespace Capstan.Gateway.Tests.Fleet;

/// <summary>Runs replicas within the test's process, and can make them break.</summary>
sealed class OwnReplicas : IReplicaHost
{
    readonly List<OwnReplica> _started = [];

    public IReadOnlyList<OwnReplica> Started
    {
        get
        {
            lock (_started)
            {
                return [.. _started];
            }
        }
    }

    public IEnumerable<OwnReplica> Running => Started.Where(replica => !replica.Exited.IsCompleted);

    /// <summary>How many of the next starts fail.</summary>
    public int Failing { get; set; }

    public async Task<IReplica> StartAsync(ReplicaStart start, CancellationToken cancellationToken)
    {
        if (Failing > 0)
        {
            Failing--;
            throw new ReplicaStartException("the test says so.");
        }

        var replica = new OwnReplica(await Replica.StartAsync(new ReplicaOptions { Token = start.Token }, cancellationToken));
        lock (_started)
        {
            _started.Add(replica);
        }

        return replica;
    }
}

sealed class OwnReplica(Replica replica) : IReplica
{
    readonly TaskCompletionSource _exited = new();

    public Uri Address => replica.Url;

    public bool SharesFolders => true;

    public Task Exited => _exited.Task;

    public TimeSpan? ProcessorTime { get; set; }

    public long Generation => replica.Table.Generation;

    /// <summary>It answers no more, and nobody is told.</summary>
    public ValueTask BreakAsync() => replica.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_exited.TrySetResult())
        {
            try
            {
                await replica.DisposeAsync();
            }
            catch (ObjectDisposedException)
            {
                // It is broken already.
            }
        }
    }
}

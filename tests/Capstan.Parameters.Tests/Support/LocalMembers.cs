using System.Collections.Immutable;
using System.Net;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Parameter servers and workers of one job, all in this process, talking over loopback.</summary>
sealed class LocalMembers : IServerPool, IDisposable
{
    // Nobody is lost within one process, however long it is kept from running.
    public static readonly ChannelOptions Options = new("a shared secret") { ReplyTimeout = TimeSpan.FromMinutes(2) };

    readonly List<ParameterServer> _servers = [];

    public LocalMembers(int servers)
    {
        for (var index = 0; index < servers; index++)
        {
            Add();
        }
    }

    public IReadOnlyList<ParameterServer> Servers => _servers;

    public List<string> Notices { get; } = [];

    public ParameterServer Add()
    {
        var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        lock (_servers)
        {
            _servers.Add(server);
        }

        return server;
    }

    public ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken)
    {
        lock (_servers)
        {
            return ValueTask.FromResult(_servers.Select(server => server.Address).ToImmutableArray());
        }
    }

    public DistributedTraining Coordinate(TrainingJob job) => new(job, this, Options, null, TimeProvider.System, text =>
    {
        lock (Notices)
        {
            Notices.Add(text);
        }
    });

    public static Task Work(TrainingJob job, FeatureStore rows, IShardMap map, int threads = 1, CancellationToken cancellationToken = default) =>
        TrainingWorker.RunAsync(job, rows, map, Options, threads, "worker", TimeProvider.System, cancellationToken);

    /// <summary>The whole training with some workers.</summary>
    public async Task<TrainingResult> Train(TrainingJob job, FeatureStore rows, FeatureStore? validation, int workers)
    {
        using var training = Coordinate(job);
        var running = Enumerable.Range(0, workers).Select(index => Work(job, rows, training.Map, 1 + index % 2)).ToArray();
        var result = training.RunAsync(validation, null, CancellationToken.None);

        // A worker ends before the training only by failing.
        await await Task.WhenAny(running.Prepend(result));
        await Task.WhenAll(running);
        return await result;
    }

    public void Dispose() => _servers.ForEach(server => server.Dispose());
}

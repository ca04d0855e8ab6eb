using Capstan.Serving;
using Microsoft.Extensions.Logging;

namespace Capstan.Gateway;

/// <summary>
/// A model's replicas: gives requests their places, holds those for which there is none, and keeps as many replicas as the
/// policy wants. Thread-safe.
/// </summary>
/// <remarks>
/// A request gets a place at the ready replica with the fewest requests, as long as that has fewer than its limit; otherwise it
/// waits in the order of arrival. With no replica at all, its arrival starts the first one at once.
/// </remarks>
sealed partial class ReplicaGroup : IAsyncDisposable
{
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    readonly Lock _gate = new();
    readonly string _model;
    readonly IReplicaHost _host;
    readonly ReplicaClient _client;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly LoadMeter _load;
    readonly HeldRequests _held;
    readonly List<FleetReplica> _replicas = [];
    readonly HashSet<Task> _work = [];
    readonly CancellationTokenSource _stopping = new();
    ScaleSettings _settings;
    ScaleState _state = ScaleState.Start;
    ScaleDecision _decision = new(0, "no request yet", ScaleState.Start);
    RoutingTable _table;
    long _generation;
    int _starting;
    long _exits;
    int _failedStarts;
    DateTimeOffset _noStartBefore;
    string? _problem;

    public ReplicaGroup(string model, RoutingTable table, ScaleSettings settings, GatewayOptions options, ReplicaClient client)
    {
        (_model, _table, _settings, _client) = (model, Numbered(table), settings, client);
        (_host, _time) = (options.Replicas, options.Time);
        _logger = options.Loggers.CreateLogger<ReplicaGroup>();
        _load = new LoadMeter(options.Time);
        _held = new HeldRequests(options.MostHeld);
        Token = options.NewToken();
    }

    /// <summary>The secret that this group's replicas were started with.</summary>
    public string Token { get; }

    public GroupState State
    {
        get
        {
            lock (_gate)
            {
                return new GroupState(
                    Count(ReplicaPhase.Ready), _starting, Count(ReplicaPhase.Draining), _decision.Replicas, _decision.Reason,
                    _replicas.Sum(each => each.InProgress), _held.Count, _exits, _problem,
                    [.. _replicas.Where(each => each.Phase == ReplicaPhase.Ready).Select(each => each.Replica.Address)]);
            }
        }
    }

    /// <summary>A place for a request, now or as soon as there is one.</summary>
    /// <param name="hold">How long to wait for it.</param>
    /// <returns>Null where too many requests wait already, or the time is over.</returns>
    public async Task<ReplicaLease?> AcquireAsync(TimeSpan hold, CancellationToken cancellationToken)
    {
        _load.Arrive();
        TaskCompletionSource<ReplicaLease>? place;
        lock (_gate)
        {
            if (_held.Count == 0 && FreeReplica() is { } free)
            {
                free.InProgress++;
                return new ReplicaLease(this, free);
            }

            place = _held.Add();
            if (place is not null && _replicas.Count + _starting == 0)
            {
                Decide(atOnce: true);
            }
        }

        if (place is null)
        {
            _load.Leave();
            return null;
        }

        try
        {
            return await place.Task.WaitAsync(hold, _time, cancellationToken);
        }
        catch (Exception problem) when (problem is TimeoutException or OperationCanceledException)
        {
            bool removed;
            lock (_gate)
            {
                removed = _held.Remove(place);
            }

            if (!removed)
            {
                // The place came in the same moment; somebody else may have it.
                (await place.Task).Dispose();
            }
            else
            {
                _load.Leave();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Release(ReplicaLease lease)
    {
        _load.Leave();
        lock (_gate)
        {
            lease.Replica.InProgress--;
            GivePlaces();
            StopIfDrained(lease.Replica);
        }
    }

    /// <summary>A replica broke a request off: it gets no more, and another takes its place if needed.</summary>
    public void Lose(ReplicaLease lease)
    {
        lock (_gate)
        {
            Forget(lease.Replica);
            Decide(atOnce: true);
        }
    }

    /// <summary>Takes new settings; the next look at the load follows them.</summary>
    public void Follow(ScaleSettings settings)
    {
        lock (_gate)
        {
            if (_settings.Metric != ScaleMetric.Cpu)
            {
                // Nobody looked at what they used; it must not count as of this second.
                _replicas.ForEach(each => each.LastProcessorTime = null);
            }

            (_settings, _state) = (settings, ScaleState.Start);
            Decide(atOnce: true);
        }
    }

    /// <summary>Looks at the load and starts or stops replicas.</summary>
    public void Look()
    {
        FleetReplica[] replicas;
        lock (_gate)
        {
            replicas = _settings.Metric == ScaleMetric.Cpu ? [.. _replicas] : [];
        }

        // Beside requests: it reads what the system says of all its processes.
        var times = Array.ConvertAll(replicas, each => each.Replica.ProcessorTime);
        lock (_gate)
        {
            foreach (var (each, time) in replicas.Zip(times))
            {
                if (time is { } used && !(used < each.LastProcessorTime))
                {
                    _load.AddBusy(used - (each.LastProcessorTime ?? used));
                    each.LastProcessorTime = used;
                }
            }

            Decide(atOnce: false);
        }
    }

    /// <summary>Gives the table to all replicas; those that start later get it, too.</summary>
    /// <exception cref="VersionNotReadyException">A replica can't load a version of it.</exception>
    public async Task ApplyAsync(RoutingTable table, CancellationToken cancellationToken)
    {
        FleetReplica[] ready;
        lock (_gate)
        {
            table = Numbered(table);
            _table = table;
            ready = [.. _replicas.Where(each => each.Phase == ReplicaPhase.Ready)];
        }

        await Task.WhenAll(ready.Select(each => GiveTableAsync(each, table, cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task[] work;
        FleetReplica[] replicas;
        lock (_gate)
        {
            (work, replicas) = ([.. _work], [.. _replicas]);
            _replicas.Clear();
        }

        await Task.WhenAll(replicas.Select(each => each.Replica.DisposeAsync().AsTask()));
        await Task.WhenAll(work);
        _stopping.Dispose();
    }

    /// <summary>
    /// Replicas are this group's alone, and so is the generation of their tables: one that was given and then not kept, because another
    /// gateway was faster, must be older to them than what follows, whatever number that has among the gateways.
    /// </summary>
    RoutingTable Numbered(RoutingTable table) => new(++_generation, table.Models);

    async Task GiveTableAsync(FleetReplica replica, RoutingTable table, CancellationToken cancellationToken)
    {
        try
        {
            await _client.GiveTableAsync(replica.Replica, Token, table, cancellationToken);
        }
        catch (ReplicaUnreachableException problem)
        {
            // It can't be told what to answer, so it must not answer any more.
            LogUnreachable(problem, _model, replica.Replica.Address);
            lock (_gate)
            {
                Forget(replica);
                Decide(atOnce: true);
            }
        }
    }
}

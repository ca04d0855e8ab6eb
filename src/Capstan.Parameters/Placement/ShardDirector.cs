using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Parameters;

/// <summary>
/// Decides, for one job, who holds which shard: at the beginning, and whenever somebody can't be reached. Of a shard whose
/// primary is lost a replica becomes the primary; where none is left, all shards go back to the last checkpoint, or to the
/// start, and the same steps are made again.
/// </summary>
/// <param name="start">The values that a slice begins with.</param>
/// <param name="notice">Told in words what a person should know.</param>
sealed class ShardDirector(
    TrainingJob job, IServerPool pool, ChannelOptions options, TimeProvider clock, StartValues start, Action<string> notice) : IShardMap, IDisposable
{
    // A placement fails only while servers die, or none is there before the pool has started another, which took longer than 15 s
    // on a busy machine; so many in a row means that something else is wrong.
    const int MostTries = 240;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    readonly KeptTalk _leader = new(job.Id, options);
    readonly SemaphoreSlim _gate = new(1, 1);
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly JobCheckpoints? _checkpoints = job.CheckpointFolder is null ? null : new JobCheckpoints(job);
    ShardMap _map = new(0, []);
    (long Limit, long SumsFrom)? _grant;
    int _floor;
    bool _mustBegin;
    bool _isOver;

    public ShardMap Map => _map;

    public async ValueTask<ShardMap> GetAsync(string jobId, CancellationToken cancellationToken)
    {
        await _ready.Task.WaitAsync(cancellationToken);
        return _map;
    }

    public async ValueTask<ShardMap> ReportAsync(string jobId, int epoch, int shardIndex, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _isOver || epoch < _map.Epoch || await IsWellAsync(cancellationToken) ? _map : await PlaceAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Finds the shards where an earlier coordinator left them, or begins.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await PlaceAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }

        _ready.TrySetResult();
    }

    /// <summary>Lets workers learn up to a step.</summary>
    public async Task GrantAsync(long limit, long sumsFrom, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _grant = (limit, sumsFrom);
            var map = _map;
            if (!await Task.Run(() => _leader.Ask<bool?>(map.Shards[0].Primary, talk => Grant(talk, map)) == true, cancellationToken))
            {
                await PlaceAsync(cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Moves everything off a server that is about to leave.</summary>
    public async Task DrainAsync(ServerAddress leaving, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // Where nobody else holds a shard of its, the first time sends the state on, and the second moves the shard.
            await PlaceAsync(cancellationToken, leaving);
            await PlaceAsync(cancellationToken, leaving);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Where the first shard stands, which hands out the work; null while it can't be reached.</summary>
    /// <param name="version">Which it should have come to: the answer is waited for until then, or a moment.</param>
    public ShardStatus? Status(long version) => _leader.Ask<ShardStatus?>(_map.Shards[0].Primary, talk => talk.Status(0, version));

    /// <summary>Stores all shards, which stand at a step.</summary>
    /// <returns>False if that failed, which is said; the job goes on.</returns>
    public async Task<bool> CheckpointAsync(long version)
    {
        if (_checkpoints is null)
        {
            return false;
        }

        using var activity = ParameterMetrics.Activities.StartActivity("checkpoint");
        activity?.SetTag("job", job.Id).SetTag("step", version).SetTag("shards", _map.Shards.Length);
        var problem = await Task.Run(() =>
        {
            for (var shard = 0; shard < _map.Shards.Length; shard++)
            {
                var at = shard;
                if (Ask(_map.Shards[shard].Primary, talk => talk.Checkpoint(at, _checkpoints.PathOf(version, at)) ?? "") is not "" and var found)
                {
                    return found ?? $"the server of shard {shard} does not answer";
                }
            }

            _checkpoints.DropBefore(version);
            return null;
        });
        if (problem is not null)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, problem);
            notice(string.Create(CultureInfo.InvariantCulture,
                $"the checkpoint after {version:N0} batches could not be written ({problem.TrimEnd('.')}); training goes on, and a later one will be tried"));
        }

        return problem is null;
    }

    /// <summary>Where every shard stands; null for one that can't be reached.</summary>
    public Task<ImmutableArray<ShardStatus?>> StatusesAsync()
    {
        var map = _map;
        return Task.Run(() => map.Shards.Select((placement, shard) => Ask<ShardStatus?>(placement.Primary, talk => talk.Status(shard))).ToImmutableArray());
    }

    /// <summary>Tells workers that the training is over, and drops the shards.</summary>
    public async Task EndAsync(bool isComplete)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            _isOver = true;
            var map = _map;
            _map = new ShardMap(map.Epoch + 1, []);
            _grant = (-1, 0);
            await TryGrantAsync(map);
            await AwaitLeavingAsync(map);
            await Task.Run(() =>
            {
                foreach (var (shard, address) in map.Shards.SelectMany((placement, shard) =>
                    placement.Replicas.Append(placement.Primary).Select(address => (shard, address))))
                {
                    Ask(address, talk =>
                    {
                        talk.Close(shard);
                        return true;
                    });
                }
            });
            if (isComplete)
            {
                _checkpoints?.DropBefore(long.MaxValue);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _leader.Dispose();
        _gate.Dispose();
    }

    /// <summary>Gives workers a moment to hear that the training is over.</summary>
    async Task AwaitLeavingAsync(ShardMap map)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var status = await Task.Run(() => Ask<ShardStatus?>(map.Shards[0].Primary, talk => talk.Status(0)));
            if (status is not { Workers: > 0 })
            {
                return;
            }

            await Task.Delay(Pause / 5, clock, CancellationToken.None);
        }
    }

    async Task<bool> IsWellAsync(CancellationToken cancellationToken)
    {
        var map = _map;
        return await Task.Run(
            () =>
            {
                for (var shard = 0; shard < map.Shards.Length; shard++)
                {
                    var at = shard;
                    var isWell = Ask<bool?>(map.Shards[shard].Primary, talk => talk.Status(at) is { IsSuspended: false, IsPrimary: true } status
                        && status.Epoch == map.Epoch);
                    if (isWell != true)
                    {
                        return false;
                    }
                }

                return true;
            },
            cancellationToken);
    }

    async Task<ShardMap> PlaceAsync(CancellationToken cancellationToken, ServerAddress? leaving = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var servers = await pool.ServersAsync(cancellationToken);
            var placing = new Placing(job, options, start, _checkpoints, notice);
            try
            {
                var old = _map;
                _map = await Task.Run(() => placing.Place(old, servers, leaving, _floor, _mustBegin), cancellationToken);
                _mustBegin = false;
                if (_grant is null || await TryGrantAsync(_map))
                {
                    return _map;
                }
            }
            catch (Exception cause) when (cause is ChannelException or FrameException && attempt < MostTries)
            {
                // Whoever could not be reached is left out next time.
                _mustBegin |= placing.HasBegun;
            }

            _floor = Math.Max(_floor, placing.Epoch);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    Task<bool> TryGrantAsync(ShardMap map) => Task.Run(() => Ask<bool?>(map.Shards[0].Primary, talk => Grant(talk, map)) == true);

    bool Grant(ServerTalk talk, ShardMap map)
    {
        talk.Grant(0, map.Epoch, _grant!.Value.Limit, _grant.Value.SumsFrom); // the callers have set it
        return true;
    }

    T? Ask<T>(ServerAddress address, Func<ServerTalk, T> question)
    {
        try
        {
            using var talk = new ServerTalk(address, job.Id, options);
            return question(talk);
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            return default;
        }
    }
}

/// <summary>The values with which a slice of a block begins.</summary>
delegate ReadOnlySpan<float> StartValues(BlockSlice slice);

using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>How replicas come and go. Everything here but the tasks runs under the lock.</summary>
sealed partial class ReplicaGroup
{
    int Count(ReplicaPhase phase) => _replicas.Count(each => each.Phase == phase);

    FleetReplica? FreeReplica()
    {
        FleetReplica? best = null;
        foreach (var each in _replicas)
        {
            if (each.Phase == ReplicaPhase.Ready && each.InProgress < _settings.MaxConcurrency &&
                (best is null || each.InProgress < best.InProgress))
            {
                best = each;
            }
        }

        return best;
    }

    void GivePlaces()
    {
        while (_held.Count > 0 && FreeReplica() is { } free)
        {
            free.InProgress++;
            _held.TakeFirst()!.SetResult(new ReplicaLease(this, free)); // There is one, or the loop had ended.
        }
    }

    /// <param name="atOnce">The group must not wait for the next second to begin: something has changed.</param>
    void Decide(bool atOnce)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        var policy = new ScalePolicy(_settings);
        var ready = Count(ReplicaPhase.Ready);
        var stable = _load.Average(_settings.Metric, policy.StableWindow);
        var panic = _load.Average(_settings.Metric, policy.PanicWindow);
        if (atOnce || _held.Count > 0)
        {
            // What waits now counts at once: at zero it is all that is known, and no average may argue it away.
            var waiting = _settings.Metric == ScaleMetric.Concurrency ? _load.InProgress
                : _held.Count > 0 ? _settings.TargetPerReplica : 0;
            (stable, panic) = (ready == 0 ? Math.Max(stable, waiting) : stable, Math.Max(panic, waiting));
        }

        _decision = policy.Decide(stable, panic, ready, _state, _time.GetUtcNow());
        _state = _decision.Next;
        var excess = _starting + ready - _decision.Replicas;
        for (; excess < 0 && _time.GetUtcNow() >= _noStartBefore; excess++)
        {
            _starting++;
            Track(StartAsync());
        }

        // Starting ones are left to start: an answer to load that is gone before they are there is the next decision's.
        foreach (var idle in _replicas.Where(each => each.Phase == ReplicaPhase.Ready).OrderBy(each => each.InProgress)
            .Take(Math.Max(0, ready - _decision.Replicas)).ToArray())
        {
            idle.Phase = ReplicaPhase.Draining;
            StopIfDrained(idle);
        }
    }

    void StopIfDrained(FleetReplica replica)
    {
        if (replica is { Phase: ReplicaPhase.Draining, InProgress: 0 } && _replicas.Remove(replica))
        {
            Track(replica.Replica.DisposeAsync().AsTask());
        }
    }

    void Forget(FleetReplica replica)
    {
        if (_replicas.Remove(replica))
        {
            _exits++;
            Track(replica.Replica.DisposeAsync().AsTask());
        }
    }

    /// <summary>Keeps a task until it ends, so that stopping waits for it.</summary>
    void Track(Task task)
    {
        _work.Add(task);
        task.ContinueWith(
            done =>
            {
                lock (_gate)
                {
                    _work.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    async Task StartAsync()
    {
        // Not under the lock of whoever decided.
        await Task.Yield();
        try
        {
            var replica = new FleetReplica(await _host.StartAsync(new ReplicaStart(_model, Token), _stopping.Token));
            try
            {
                await BringUpAsync(replica);
            }
            catch
            {
                await replica.Replica.DisposeAsync();
                throw;
            }

            await replica.Replica.Exited;
            lock (_gate)
            {
                if (_replicas.Contains(replica))
                {
                    LogExited(_model, replica.Replica.Address);
                    Forget(replica);
                    Decide(atOnce: true);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The group ends.
        }
        catch (Exception problem) when (problem is ReplicaStartException or ReplicaUnreachableException or VersionNotReadyException)
        {
            LogNotStarted(problem, _model);
            lock (_gate)
            {
                _starting--;
                _problem = problem.Message;
                // 0.5 s, 1 s, 2 s, …: a program that can't start must not be started all the time.
                var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.25 * Math.Pow(2, ++_failedStarts)));
                _noStartBefore = _time.GetUtcNow() + pause;
            }
        }
    }

    /// <summary>Gives the replica the table, and the newer one where that changed meanwhile; then it takes requests.</summary>
    async Task BringUpAsync(FleetReplica replica)
    {
        while (true)
        {
            var table = _table;
            await _client.GiveTableAsync(replica.Replica, Token, table, _stopping.Token);
            lock (_gate)
            {
                if (ReferenceEquals(table, _table))
                {
                    _starting--;
                    (_failedStarts, _problem) = (0, null);
                    replica.Phase = ReplicaPhase.Ready;
                    _replicas.Add(replica);
                    GivePlaces();
                    return;
                }
            }
        }
    }
}

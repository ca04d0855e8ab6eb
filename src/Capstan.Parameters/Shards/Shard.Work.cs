namespace Capstan.Parameters;

/// <summary>How the first shard of a job hands out its work.</summary>
sealed partial class Shard
{
    /// <summary>Work for a worker, waiting a little for it.</summary>
    public FrameStatus Lease(int epoch, int worker, out WorkLease lease)
    {
        lease = default;
        var dispatcher = (IWorkDispatcher?)_steps ?? _batches;
        var began = _clock.GetTimestamp();
        while (true)
        {
            var (seen, again) = (Changes, double.PositiveInfinity);
            lock (_gate)
            {
                if (Check(epoch) is not FrameStatus.Ok and var refused)
                {
                    return refused;
                }

                if (_isFinished || _state.DivergedLoss is not null)
                {
                    return FrameStatus.Finished;
                }

                if (dispatcher is null)
                {
                    return FrameStatus.Unknown;
                }

                if (!_isPrimary || _isSuspended)
                {
                    return FrameStatus.Suspended;
                }

                var isOpen = _batches is not null || _state.Version < _limit;
                var repetitions = _steps?.Repetitions;
                if (isOpen && dispatcher.Take(worker, Seconds) is { } found)
                {
                    ParameterMetrics.Stragglers.Add(_steps?.Repetitions - repetitions ?? 0);
                    _leasedAt[worker] = _state.Version;
                    lease = found;
                    return FrameStatus.Ok;
                }

                if (isOpen)
                {
                    again = dispatcher.NextChance(worker, Seconds);
                }
            }

            var left = Patience - _clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return FrameStatus.NotYet;
            }

            // Somebody being late is no change that would wake anybody.
            Await(seen, again < left.TotalSeconds ? TimeSpan.FromSeconds(again) : left);
        }
    }

    public void Leave(int worker)
    {
        lock (_gate)
        {
            _leasedAt.Remove(worker);
            _steps?.Leave(worker);
            _batches?.Leave(worker);
            Wake();
        }
    }

    public void Timed(int worker, int parts, double seconds)
    {
        lock (_gate)
        {
            _steps?.Timed(worker, parts, seconds);
        }
    }

    void BeginWork()
    {
        if (_steps is not null && _state.Version < _limit)
        {
            _steps.Begin(_state.Version, _state.PartsOf(_state.Version));
        }

        if (_batches is not null)
        {
            _batches.Begin(_state.Ledger, _limit);
        }
    }
}

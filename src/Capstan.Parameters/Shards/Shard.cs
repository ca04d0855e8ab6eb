using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A shard as a server holds it: what it answers, to whom and when. As primary it has every push taken in by its replicas
/// before it acknowledges it; a frame of another epoch is refused. Thread-safe.
/// </summary>
sealed partial class Shard : IDisposable
{
    // How long a request that has to wait is held before it is answered with "not yet": less than any reply timeout.
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    // The same for whoever watches the training go on.
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    readonly TrainingJob _job;
    readonly TimeProvider _clock;

    // Held from before a push is passed on until it is taken in here, so that replicas take pushes in the same order; taken
    // before the gate, never after.
    readonly Lock _order = new();
    readonly Lock _gate = new();
    readonly object _change = new();
    long _changes;
    readonly ShardState _state;
    readonly StepParts _parts;
    readonly StepDispatcher? _steps;
    readonly BatchDispatcher? _batches;
    readonly List<Channel> _replicas = [];
    long _limit;
    bool _isFinished;
    bool _isSuspended;
    bool _isPrimary;

    // Odd while a step changes the parameters: who sends them without holding the lock sees by it whether they changed meanwhile.
    long _stamp;

    // By worker, the version when it was given its last piece of work: what its push is stale by.
    readonly Dictionary<int, long> _leasedAt = [];

    public Shard(TrainingJob job, int index, int epoch, TimeProvider clock)
    {
        (_job, Index, Epoch, _clock) = (job, index, epoch, clock);
        _state = new ShardState(job, index);
        _parts = new StepParts(_state);
        if (index == 0)
        {
            _steps = job.Consistency == Consistency.Synchronous ? new StepDispatcher(job.BackupWorkers) : null;
            _batches = job.Consistency switch
            {
                Consistency.Synchronous => null,
                Consistency.Bounded => new BatchDispatcher(job.MaxDelay, LeaseSeconds),
                _ => new BatchDispatcher(null, LeaseSeconds),
            };
        }
    }

    // Of a batch; a paused worker's is learned from by another after this, and its own push is then one too many.
    const double LeaseSeconds = 10;

    public int Index { get; }

    public int Epoch { get; private set; }

    public TrainingJob Job => _job;

    public bool IsPrimary => _isPrimary;

    public long Stamp => Volatile.Read(ref _stamp);

    public WireNumbers Numbers => _job.Numbers;

    /// <summary>Whether a frame of some epoch is taken.</summary>
    public FrameStatus Check(int epoch) => epoch == Epoch ? FrameStatus.Ok : FrameStatus.Fenced;

    /// <summary>Takes in what a worker computed, once its replicas have it.</summary>
    /// <param name="number">The batch.</param>
    public FrameStatus Push(int epoch, long number, FrameBuffer push, KeyMemory keys, int worker)
    {
        lock (_order)
        {
            lock (_gate)
            {
                if (_batches is not null && _leasedAt.TryGetValue(worker, out var version))
                {
                    ParameterMetrics.Staleness.Record(_state.Version - version);
                }

                if (CheckPush(epoch) is not FrameStatus.Ok and var refused)
                {
                    return refused;
                }
            }

            // Whoever pulls or asks for work need not wait for the replicas.
            if (Replicate(epoch, number, push) is not FrameStatus.Ok and var failed)
            {
                return failed;
            }

            lock (_gate)
            {
                return CheckPush(epoch) is not FrameStatus.Ok and var late ? late : TakeIn(number, push, keys);
            }
        }
    }

    /// <summary>Sets values of a block, before the first step.</summary>
    public FrameStatus Assign(int epoch, FrameBuffer content)
    {
        lock (_gate)
        {
            if (Check(epoch) is not FrameStatus.Ok and var refused)
            {
                return refused;
            }

            var block = _state.Block(content.Read<int>());
            block.Assign(content.Read<float>(block.Length));
            return FrameStatus.Ok;
        }
    }

    /// <summary>Lets workers learn up to a step, and begins new sums of losses from another.</summary>
    /// <param name="limit">Negative: the training is over.</param>
    public FrameStatus Grant(int epoch, long limit, long sumsFrom)
    {
        using var inOrder = _order.EnterScope();
        lock (_gate)
        {
            if (Check(epoch) is not FrameStatus.Ok and var refused)
            {
                return refused;
            }

            foreach (var replica in _replicas)
            {
                // What a replica did not hear it is told again, when it becomes the primary.
                TryTell(replica, limit, sumsFrom);
            }

            _isFinished = limit < 0;
            _limit = Math.Max(limit, 0);
            _state.SumFrom(sumsFrom);
            BeginWork();
            Wake();
            return FrameStatus.Ok;
        }
    }

    /// <summary>Writes where the shard stands.</summary>
    /// <param name="version">Which it should have come to; what is there is written after a moment, too.</param>
    public void Describe(FrameBuffer reply, long version)
    {
        var began = _clock.GetTimestamp();
        while (true)
        {
            var seen = Changes;
            var left = Moment - _clock.GetElapsedTime(began);
            lock (_gate)
            {
                if (_state.Version >= version || _isSuspended || _isFinished || _state.DivergedLoss is not null || Epoch == int.MaxValue)
                {
                    break;
                }
            }

            if (left <= TimeSpan.Zero)
            {
                break;
            }

            Await(seen, left);
        }

        lock (_gate)
        {
            new ShardStatus(
                Epoch, _isPrimary, _isSuspended, _state.Version, _limit, _state.SumsFrom, _state.LossSum, _state.WeightSum,
                _state.DivergedLoss is not null, _state.DivergedLoss ?? 0, _state.Ledger.Count, _state.Duplicates,
                _steps?.WorkerCount ?? 0).Write(reply);
        }
    }

    /// <summary>Waits until the shard has changed since it was looked at, or a while.</summary>
    /// <param name="seen">The number of <see cref="Changes"/> before it was looked at: one that came since is not slept through.</param>
    /// <param name="most">At least a millisecond.</param>
    void Await(long seen, TimeSpan most)
    {
        lock (_change)
        {
            if (_changes == seen)
            {
                Monitor.Wait(_change, Math.Max(1, (int)most.TotalMilliseconds));
            }
        }
    }

    long Changes => Volatile.Read(ref _changes);

    public void Dispose()
    {
        using var inOrder = _order.EnterScope();
        lock (_gate)
        {
            // Whoever still asks finds another epoch.
            Epoch = int.MaxValue;
            DropReplicas();
            Wake();
        }
    }

    double Seconds => _clock.GetTimestamp() / (double)_clock.TimestampFrequency;

    FrameStatus CheckPush(int epoch) => Check(epoch) is not FrameStatus.Ok and var refused ? refused
        : _isSuspended ? FrameStatus.Suspended
        : FrameStatus.Ok;

    FrameStatus TakeIn(long number, FrameBuffer push, KeyMemory keys)
    {
        try
        {
            return _job.Consistency == Consistency.Synchronous ? PushParts(number, push) : PushBatch(number, push, keys);
        }
        catch (FrameException)
        {
            // Half of it may have been added: nothing is taken in before the coordinator has had the step begun again.
            Suspend();
            throw;
        }
    }

    FrameStatus PushParts(long step, FrameBuffer push)
    {
        if (step != _state.Version)
        {
            _state.Duplicates += step < _state.Version ? 1 : 0;
            return step < _state.Version ? FrameStatus.Stale : FrameStatus.NotYet;
        }

        var status = _parts.Take(push, part => _steps?.Receive(part, Seconds));
        if (status == FrameStatus.Stale)
        {
            _state.Duplicates++;
        }

        if (_parts.AreComplete)
        {
            Interlocked.Increment(ref _stamp);
            _parts.Finish();
            Interlocked.Increment(ref _stamp);
            BeginWork();
            Wake();
        }

        return status;
    }

    FrameStatus PushBatch(long unit, FrameBuffer push, KeyMemory keys)
    {
        if (_state.Ledger.Contains(unit))
        {
            _state.Duplicates++;
            ParameterMetrics.Duplicates.Add(1);
            _batches?.Receive(new WorkLease(unit, 0, 1), Seconds);
            return FrameStatus.Stale;
        }

        Interlocked.Increment(ref _stamp);
        var (loss, weightSum) = (push.Read<double>(), push.Read<double>());
        _state.Add(push, keys, 0, 1); // all of it, as of one part
        _state.Step(unit, loss, weightSum);
        Interlocked.Increment(ref _stamp);
        _batches?.Receive(new WorkLease(unit, 0, 1), Seconds);
        Wake();
        return FrameStatus.Ok;
    }

    void Wake()
    {
        lock (_change)
        {
            _changes++;
            Monitor.PulseAll(_change);
        }
    }
}

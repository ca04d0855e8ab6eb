using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// The course of a distributed training, on whichever member coordinates it: places the shards, lets workers learn epoch after
/// epoch, has checkpoints made, evaluates, and stops as <see cref="TrainingLoop"/> would. Another member may run the same job
/// after this one has died: it takes over from the servers, and from what the checkpoint folder says of the epochs that have
/// ended.
/// </summary>
/// <remarks>
/// Synchronous training comes to the predictor, the losses and the stop of <see cref="TrainingLoop.Run"/> with a
/// the learner that the job defines over the same rows, to the bit, for any number of workers and shards and whoever dies. (The mean
/// training loss of rows with weights that are no whole numbers may differ in its last bits.)
/// </remarks>
sealed class DistributedTraining : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    readonly TrainingJob _job;
    readonly ChannelOptions _options;
    readonly TimeProvider _clock;
    readonly Replica _replica;
    readonly ShardDirector _director;

    // What reads the parameters out, kept from epoch to epoch.
    ParameterClient? _client;

    /// <param name="notice">Told in words what a person should know; on any thread.</param>
    /// <exception cref="ArgumentException">The job can't be.</exception>
    public DistributedTraining(
        TrainingJob job, IServerPool pool, ChannelOptions options, IPredictor? start, TimeProvider clock, Action<string> notice)
    {
        job.Validate();
        (_job, _options, _clock) = (job, options, clock);
        _replica = Replica.Of(job, 1);
        if (start is not null)
        {
            ((IWarmStartLearner)_replica.Learner).StartAt(start);
        }

        // What shards begin with has to stay as it was, while the replica takes up what was learned.
        var values = _replica.Slices.SelectMany(slices => slices).ToDictionary(slice => slice, slice => _replica.Values(slice).ToArray());
        _director = new ShardDirector(job, pool, options, clock, slice => values[slice], notice);
    }

    /// <summary>Where workers find the shards.</summary>
    public IShardMap Map => _director;

    public ShardDirector Director => _director;

    /// <summary>Asked when the training is cancelled: whether another member goes on with it, who needs what there is.</summary>
    public Func<bool> IsHandedOver { get; init; } = () => false;

    /// <summary>Where every shard stood when the training was over: its ledger counts each batch once.</summary>
    public ImmutableArray<ShardStatus?> Ledgers { get; private set; } = [];

    /// <summary>Trains to the end. Workers are started by others, before or after.</summary>
    /// <param name="validation">Evaluated here after every epoch.</param>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite in the first epoch. Later, the result says
    /// so.</exception>
    /// <exception cref="ChannelException">No parameter server answers, for long.</exception>
    /// <exception cref="OperationCanceledException">The shards are dropped, and workers end, unless it <see cref="IsHandedOver"/>.</exception>
    public async Task<TrainingResult> RunAsync(
        FeatureStore? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        TrainingLoop.CheckRows(validation, "validation");
        var options = _job.Training;
        var run = new TrainingRun(new PulledLearner(_replica.Learner), _job.Features, options.MinDelta);
        var state = _job.CheckpointFolder is null ? null : new CoordinatorState(new JobCheckpoints(_job).CoordinatorPath);
        state?.Restore(run);
        var meter = new ProgressMeter(_clock, progress, 1, options.Epochs, options.Epochs * _job.RowCount);
        meter.Skip(run.RowsDone);
        await _director.StartAsync(cancellationToken);
        var isComplete = false;
        try
        {
            while (TrainingLoop.StopReasonOf(run, options) is null)
            {
                var status = await LearnEpochAsync(run, meter, cancellationToken);
                if (status.HasDiverged)
                {
                    isComplete = true;
                    return run.AfterDivergence(status.Version - FirstStep(run) + 1, status.DivergedLoss, "");
                }

                await PullAsync(status.Version, cancellationToken);
                if (!await ConcludeAsync(run, validation, meter, cancellationToken))
                {
                    isComplete = true;
                    return run.AfterDivergence(null, double.NaN, "");
                }

                state?.Save(run);
            }

            isComplete = true;
            return run.Result(TrainingLoop.StopReasonOf(run, options)!); // the loop ended with it
        }
        finally
        {
            Ledgers = isComplete ? await _director.StatusesAsync() : [];
            if (!cancellationToken.IsCancellationRequested || !IsHandedOver())
            {
                await _director.EndAsync(isComplete);
            }
        }
    }

    public void Dispose()
    {
        DropClient();
        _replica.Dispose();
        _director.Dispose();
    }

    long FirstStep(TrainingRun run) => (run.EpochNumber - 1) * _job.BatchesPerEpoch;

    /// <summary>Lets workers learn one epoch, from checkpoint to checkpoint.</summary>
    async Task<ShardStatus> LearnEpochAsync(TrainingRun run, ProgressMeter meter, CancellationToken cancellationToken)
    {
        var (first, end) = (FirstStep(run), FirstStep(run) + _job.BatchesPerEpoch);
        var seen = new ShardStatus { Version = first };
        while (true)
        {
            var limit = Math.Min(end, (Math.Max(seen.Version, 0) / _job.CheckpointEvery + 1) * _job.CheckpointEvery);
            await _director.GrantAsync(limit, first, cancellationToken);
            seen = await AwaitAsync(limit, seen, run, meter, cancellationToken);
            if (seen.HasDiverged)
            {
                return seen;
            }

            await _director.CheckpointAsync(seen.Version);
            if (seen.Version >= end)
            {
                run.Advance(_job.BatchesPerEpoch, run.EpochNumber * _job.RowCount, seen.LossSum, seen.WeightSum);
                return seen;
            }
        }
    }

    async Task<ShardStatus> AwaitAsync(
        long limit, ShardStatus seen, TrainingRun run, ProgressMeter meter, CancellationToken cancellationToken)
    {
        while (true)
        {
            // It mostly waits, for as long as an epoch: on a thread of its own, since the pool's would look for other work in between.
            var sight = await Task.Factory.StartNew(
                () => Watch(limit, seen, run, meter, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            seen = sight.Seen;
            if (!sight.IsLost)
            {
                return seen;
            }

            await _director.ReportAsync(_job.Id, _director.Map.Epoch, 0, cancellationToken);
            await Task.Delay(Pause, _clock, cancellationToken);
        }
    }

    /// <summary>Reports what is learned, up to a step or until the first shard is lost.</summary>
    (ShardStatus Seen, bool IsLost) Watch(long limit, ShardStatus seen, TrainingRun run, ProgressMeter meter, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_director.Status(limit) is not { } status || status.IsSuspended || status.Epoch != _director.Map.Epoch)
            {
                return (seen, true);
            }

            // After a shard was set back there is nothing to report before it is where it had been.
            if (status.Version > seen.Version)
            {
                var rows = (status.Version - seen.Version) * Math.Min(_job.Training.BatchSize, _job.RowCount);
                meter.Add(
                    run.EpochNumber, (int)Math.Min(rows, run.EpochNumber * _job.RowCount - Math.Min(run.EpochNumber * _job.RowCount, RowsAt(seen.Version))),
                    status.LossSum - seen.LossSum, status.WeightSum - seen.WeightSum, _job.Learner.LearningRate);
                seen = status;
            }

            if (status.Version >= limit || status.HasDiverged)
            {
                return (status, false);
            }
        }
    }

    long RowsAt(long version) => version / _job.BatchesPerEpoch * _job.RowCount + version % _job.BatchesPerEpoch * _job.Training.BatchSize;

    /// <summary>Reads all parameters, as they are after a step, into the coordinator's own copy.</summary>
    async Task PullAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var map = _director.Map;
            try
            {
                await Task.Run(() => Pull(map, version), cancellationToken);
                return;
            }
            catch (ShardLostException lost)
            {
                DropClient();
                await _director.ReportAsync(_job.Id, map.Epoch, lost.ShardIndex, cancellationToken);
                await Task.Delay(Pause, _clock, cancellationToken);
            }
        }
    }

    void Pull(ShardMap map, long version)
    {
        const int RowsAtATime = 1 << 17;
        if (_client?.Epoch != map.Epoch)
        {
            DropClient();
        }

        var needs = new TableRows(_replica);
        var client = _client ??= new ParameterClient(_job, map, _replica, _options, "coordinator");
        for (var first = 0; needs.SetRange(first, RowsAtATime) || first == 0; first += RowsAtATime)
        {
            client.Pull(version, needs);
        }
    }

    void DropClient()
    {
        _client?.Dispose();
        _client = null;
    }

    /// <summary>Ends an epoch as the single-machine loop does.</summary>
    Task<bool> ConcludeAsync(TrainingRun run, FeatureStore? validation, ProgressMeter meter, CancellationToken cancellationToken) =>
        Task.Run(() => TrainingLoop.Conclude(run, validation, _job.Training.BatchSize, meter, cancellationToken, out _), cancellationToken);
}

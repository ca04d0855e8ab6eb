namespace Capstan.Training;

/// <summary>
/// Feeds a learner and keeps its best predictor. One loop for every learner; deterministic but for the times it reports.
/// </summary>
/// <param name="clock">For rates and remaining times.</param>
public sealed class TrainingLoop(TimeProvider clock)
{
    /// <summary>Where the training's state is kept and taken up from; null for nowhere.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>
    /// Trains for some epochs over shuffled rows. After each, the predictor is frozen and, if there are validation rows,
    /// evaluated; training stops when that no longer gets better, and the predictor of the best epoch is returned.
    /// </summary>
    /// <exception cref="ArgumentException">Options are out of range, or training or validation rows are none or without
    /// weight.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite in the first epoch. Later, the result says
    /// so.</exception>
    /// <exception cref="CheckpointRefusedException">The learner's state can't be stored, but checkpoints are wanted.</exception>
    /// <exception cref="OperationCanceledException">Checked once per batch.</exception>
    public TrainingResult Run(
        ILearner learner,
        FeatureStore train,
        FeatureStore? validation,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        options.Validate();
        CheckRows(train, "training");
        CheckRows(validation, "validation");
        (learner as IScheduledLearner)?.Plan(options.Epochs * train.BatchesPerEpoch(options.BatchSize));
        var meter = new ProgressMeter(clock, progress, options.ProgressEvery, options.Epochs, options.Epochs * train.RowCount);
        var run = new TrainingRun(learner, train.Layout, options.MinDelta);
        Checkpoints?.Resume(run);
        meter.Skip(run.RowsDone);
        while (StopReasonOf(run, options) is null)
        {
            foreach (var batch in train.Epoch(run.EpochNumber - 1, options.Seed, options.BatchSize, run.BatchNumber))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!run.Learn(batch, meter))
                {
                    return AfterDivergence(run, run.BatchNumber, run.LastLoss, ExtremeInputs.Describe(batch, train));
                }

                Checkpoints?.SaveIfDue(run);
            }

            if (!Conclude(run, validation, options.BatchSize, meter, cancellationToken, out var loss))
            {
                return AfterDivergence(run, null, loss, "");
            }
        }

        Checkpoints?.Finish(run);
        return run.Result(StopReasonOf(run, options)!); // the loop ended with it
    }

    /// <summary>
    /// Learns from a stream of batches once, in the order in which they come, for data that shall not be stored.
    /// </summary>
    /// <param name="batches">Learned from as they come; a batch may be reused by its source once the next is asked for.</param>
    /// <param name="validation">Evaluated at the end.</param>
    /// <param name="options">Of these, <see cref="TrainingOptions.ProgressEvery"/> and, for validation, the batch size.</param>
    /// <param name="rowsExpected">For the remaining time; null if unknown.</param>
    /// <exception cref="ArgumentException">The stream had no row of any weight.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Checked once per batch.</exception>
    public async Task<TrainingResult> RunOnceAsync(
        ILearner learner,
        IAsyncEnumerable<TrainingBatch> batches,
        FeatureStore? validation,
        TrainingOptions options,
        long? rowsExpected,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        options.Validate();
        CheckRows(validation, "validation");
        var meter = new ProgressMeter(clock, progress, options.ProgressEvery, 1, rowsExpected);
        TrainingRun? run = null;
        long batchNumber = 0;
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (run is null)
            {
                run = new TrainingRun(learner, batch.Features.Layout, options.MinDelta);
                Checkpoints?.Resume(run);
                meter.Skip(run.RowsDone);
            }

            if (++batchNumber <= run.BatchNumber)
            {
                continue;
            }

            if (!run.Learn(batch, meter))
            {
                return AfterDivergence(run, run.BatchNumber, run.LastLoss, ExtremeInputs.Describe(batch, null));
            }

            Checkpoints?.SaveIfDue(run);
        }

        if (run is not { WeightSum: > 0 })
        {
            throw new ArgumentException(
                $"The stream held {run?.RowsDone ?? 0:N0} rows with a total weight of 0: nothing to learn from. " +
                "Check the files, the filter and the weight column.",
                nameof(batches));
        }

        // Before the end of the epoch: whoever takes it up reads the stream all the same, for what else it counts.
        Checkpoints?.Finish(run);
        return Conclude(run, validation, options.BatchSize, meter, cancellationToken, out var loss)
            ? run.Result(new StopReason.Completed(1, run.RowsDone))
            : AfterDivergence(run, null, loss, "");
    }

    /// <returns>Null while there is something to learn.</returns>
    internal static StopReason? StopReasonOf(TrainingRun run, TrainingOptions options) =>
        run.IsValidated && options.Patience is { } patience && run.EpochsSinceBest >= patience
            ? new StopReason.Plateaued(run.BestEpochNumber, run.BestLoss, patience)
            : run.EpochNumber > options.Epochs
                ? new StopReason.Completed(options.Epochs, run.RowsDone)
                : null;

    /// <summary>Ends an epoch.</summary>
    /// <param name="validationLoss">0 without validation rows.</param>
    /// <returns>False if the validation loss is no number.</returns>
    internal static bool Conclude(
        TrainingRun run, FeatureStore? validation, int batchSize, ProgressMeter meter, CancellationToken cancellationToken,
        out double validationLoss)
    {
        var predictor = run.Learner.Freeze();
        validationLoss = validation is null ? 0 : MeanLoss.Of(
            run.Learner.Loss, predictor, validation, batchSize, cancellationToken);
        if (!double.IsFinite(validationLoss))
        {
            return false;
        }

        meter.Finish(run.EndEpoch(predictor, validation is null ? null : validationLoss));
        return true;
    }

    TrainingResult AfterDivergence(TrainingRun run, long? batchNumber, double loss, string inputs)
    {
        Checkpoints?.Clear();
        return run.AfterDivergence(batchNumber, loss, inputs);
    }

    internal static void CheckRows(FeatureStore? rows, string role)
    {
        if (rows is { Labels.WeightSum: 0 })
        {
            throw new ArgumentException(
                $"There are {rows.RowCount:N0} {role} rows with a total weight of 0; at least one row with a weight is needed. " +
                "Check the files, the split, the filter and the weight column.");
        }
    }
}

using System.Collections.Immutable;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Feeds a learner and keeps its best predictor. One loop for every learner; deterministic but for the times it reports.
/// </summary>
/// <param name="clock">For rates and remaining times.</param>
public sealed class TrainingLoop(TimeProvider clock)
{
    /// <summary>
    /// Trains for some epochs over shuffled rows. After each, the predictor is frozen and, if there are validation rows,
    /// evaluated; training stops when that no longer gets better, and the predictor of the best epoch is returned.
    /// </summary>
    /// <exception cref="ArgumentException">Options are out of range, or training or validation rows are none or without
    /// weight.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite in the first epoch. Later, the result says
    /// so.</exception>
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
        var best = new BestEpoch(options.MinDelta);
        for (var epochIndex = 0; epochIndex < options.Epochs; epochIndex++)
        {
            var pass = new Pass(learner, meter, epochIndex + 1);
            foreach (var batch in train.Epoch(epochIndex, options.Seed, options.BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!pass.Learn(batch))
                {
                    return best.AfterDivergence(pass.EpochNumber, pass.BatchNumber, pass.LastLoss);
                }
            }

            var (predictor, result) = Conclude(learner, pass, validation, options.BatchSize, cancellationToken);
            if (result.ValidationLoss is { } loss && !double.IsFinite(loss))
            {
                return best.AfterDivergence(pass.EpochNumber, null, loss);
            }

            best.Add(predictor, result);
            meter.Finish(result);
            if (result.ValidationLoss is not null && options.Patience is { } patience && best.EpochsSince >= patience)
            {
                return best.Result(new StopReason.Plateaued(best.EpochNumber, best.Loss, patience));
            }
        }

        return best.Result(new StopReason.Completed(options.Epochs, options.Epochs * train.RowCount));
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
        var best = new BestEpoch(options.MinDelta);
        var pass = new Pass(learner, meter, 1);
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!pass.Learn(batch))
            {
                return best.AfterDivergence(1, pass.BatchNumber, pass.LastLoss);
            }
        }

        if (!(pass.WeightSum > 0))
        {
            throw new ArgumentException(
                $"The stream held {pass.RowCount:N0} rows with a total weight of {pass.WeightSum}: nothing to learn from. " +
                "Check the files, the filter and the weight column.",
                nameof(batches));
        }

        var (predictor, result) = Conclude(learner, pass, validation, options.BatchSize, cancellationToken);
        if (result.ValidationLoss is { } loss && !double.IsFinite(loss))
        {
            return best.AfterDivergence(1, null, loss);
        }

        best.Add(predictor, result);
        meter.Finish(result);
        return best.Result(new StopReason.Completed(1, pass.RowCount));
    }

    static (IPredictor Predictor, EpochResult Result) Conclude(
        ILearner learner, Pass pass, FeatureStore? validation, int batchSize, CancellationToken cancellationToken)
    {
        var predictor = learner.Freeze();
        double? loss = validation is null ? null : MeanLoss.Of(learner.Loss, predictor, validation, batchSize, cancellationToken);
        return (predictor, new EpochResult(pass.EpochNumber, pass.LossSum / pass.WeightSum, loss));
    }

    static void CheckRows(FeatureStore? rows, string role)
    {
        if (rows is { Labels.WeightSum: 0 })
        {
            throw new ArgumentException(
                $"There are {rows.RowCount:N0} {role} rows with a total weight of 0; at least one row with a weight is needed. " +
                "Check the files, the split, the filter and the weight column.");
        }
    }

    /// <summary>One pass over the rows: the sums of its losses, and whether they are still numbers.</summary>
    sealed class Pass(ILearner learner, ProgressMeter meter, int epochNumber)
    {
        public int EpochNumber { get; } = epochNumber;

        public long BatchNumber { get; private set; }

        public long RowCount { get; private set; }

        public double LossSum { get; private set; }

        public double WeightSum { get; private set; }

        public double LastLoss { get; private set; }

        /// <returns>False if the loss is no longer a number.</returns>
        public bool Learn(TrainingBatch batch)
        {
            BatchNumber++;
            double weightSum = 0;
            foreach (var weight in batch.Weights)
            {
                weightSum += weight;
            }

            LastLoss = learner.Learn(batch);
            if (!double.IsFinite(LastLoss))
            {
                return false;
            }

            RowCount += batch.RowCount;
            LossSum += LastLoss;
            WeightSum += weightSum;
            meter.Add(EpochNumber, batch.RowCount, LastLoss, weightSum);
            return true;
        }
    }

    /// <summary>The best predictor so far: of the lowest validation loss, or the latest where nothing is validated.</summary>
    sealed class BestEpoch(double minDelta)
    {
        readonly ImmutableArray<EpochResult>.Builder _history = ImmutableArray.CreateBuilder<EpochResult>();
        IPredictor? _predictor;

        public int EpochNumber { get; private set; }

        public double Loss { get; private set; } = double.PositiveInfinity;

        public int EpochsSince => _history.Count - EpochNumber;

        public void Add(IPredictor predictor, EpochResult result)
        {
            _history.Add(result);
            if (result.ValidationLoss is not { } loss || loss < Loss - minDelta)
            {
                _predictor = predictor;
                EpochNumber = result.EpochNumber;
                Loss = result.ValidationLoss ?? Loss;
            }
        }

        // The first epoch that ends well is always better than none, so there is a predictor once there is a history.
        public TrainingResult Result(StopReason reason) => new(_predictor!, EpochNumber, _history.ToImmutable(), reason);

        public TrainingResult AfterDivergence(int epochNumber, long? batchNumber, double loss) => _predictor is null
            ? throw new TrainingDivergedException(epochNumber, batchNumber, loss)
            : Result(new StopReason.Diverged(epochNumber, batchNumber, loss, EpochNumber));
    }
}

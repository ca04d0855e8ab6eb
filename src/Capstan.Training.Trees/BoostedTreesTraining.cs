using System.Collections.Immutable;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// Grows boosted trees over stored rows with LightGBM. The same rows, options and seed give the same trees to the bit, with any
/// number of threads. Each tree is one pass over the rows, so that progress and history count trees as epochs.
/// </summary>
/// <remarks>
/// <para>Memory: the rows as bins, mostly a byte for each value, and 16 to 24 bytes a row for gradients, scores and labels; never
/// the rows themselves.</para>
/// <para>Sources: J. H. Friedman, "Greedy Function Approximation", Annals of Statistics 29 (2001); G. Ke et al., "LightGBM", NIPS
/// 2017.</para>
/// </remarks>
/// <param name="clock">For rates and remaining times.</param>
public sealed class BoostedTreesTraining(TimeProvider clock)
{
    /// <summary>Trains on some rows; with validation rows, stops when they are no longer predicted better.</summary>
    /// <param name="loss">What is made small; the labels are such as it accepts.</param>
    /// <param name="progress">Reported to after every tree.</param>
    /// <returns>The predictor has the trees up to that of the lowest validation loss, or all if nothing is validated.</returns>
    /// <exception cref="ArgumentException">Options are out of range or do not fit the features; or training or
    /// validation rows are none or without weight.</exception>
    /// <exception cref="LightGbmException">The native library can't be loaded, or refuses.</exception>
    /// <exception cref="OperationCanceledException">Checked once per batch and tree.</exception>
    public TrainingResult Run(
        Loss loss,
        FeatureStore train,
        FeatureStore? validation,
        BoostedTreesOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        options.Validate();
        CheckRows(train, "training");
        CheckRows(validation, "validation");
        var objective = new LightGbmObjective(loss);
        var parameters = LightGbmParameters.Of(options, objective, train.Layout);
        LightGbmLibrary.Load();
        using var rows = BinnedRows.Of(train, parameters, options, cancellationToken);
        using var booster = new Booster(rows, parameters, train.Layout);
        using var heldOut = validation is null ? null : new HeldOutRows(rows, validation, booster, objective, cancellationToken);
        var history = ImmutableArray.CreateBuilder<EpochResult>();
        var (best, startedAt) = (0, clock.GetTimestamp());
        StopReason? stopped = null;
        while (stopped is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A tree without a split is only kept as the first, where it is the constant.
            if (!booster.Grow() && history.Count > 0)
            {
                stopped = new StopReason.NothingToSplit(history.Count);
                break;
            }

            var result = new EpochResult(history.Count + 1, booster.TrainingLoss(), heldOut?.Loss());
            history.Add(result);
            best = heldOut is null || best == 0 || result.ValidationLoss < history[best - 1].ValidationLoss ? history.Count : best;
            Report(result);
            stopped = heldOut is not null && history.Count - best >= options.Patience
                ? new StopReason.TreesPlateaued(best, history[best - 1].ValidationLoss!.Value, history.Count - best)
                : history.Count == options.Trees ? new StopReason.TreesGrown(options.Trees, best) : null;
        }

        return new TrainingResult(
            new BoostedTreesPredictor(loss.Output, booster.Freeze(best)), best, history.ToImmutable(), stopped);

        void Report(EpochResult result)
        {
            var seconds = clock.GetElapsedTime(startedAt).TotalSeconds;
            var (done, total) = (result.EpochNumber * train.RowCount, options.Trees * train.RowCount);
            var rate = seconds > 0 ? done / seconds : 0;
            TimeSpan? remaining = rate > 0 ? TimeSpan.FromSeconds((total - done) / rate) : null;
            progress?.Report(new TrainingProgress(
                result.EpochNumber, options.Trees, done, total, rate, remaining, result.TrainingLoss, result));
        }
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
}

using System.Collections.Immutable;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// Grows boosted trees over stored rows with LightGBM. The same rows, options and seed give the same trees to the bit, with any
/// number of threads. Progress and history count trees where others count epochs.
/// </summary>
/// <remarks>
/// <para>Memory: the rows as bins, mostly a byte for each value, and 16 to 24 bytes a row for gradients, scores and labels; never
/// the rows themselves. With an offset or trees to go on from, 16 bytes a row more.</para>
/// <para>Sources: J. H. Friedman, "Greedy Function Approximation", Annals of Statistics 29 (2001); G. Ke et al., "LightGBM", NIPS
/// 2017.</para>
/// </remarks>
/// <param name="clock">For rates and remaining times.</param>
public sealed class BoostedTreesTraining(TimeProvider clock)
{
    /// <summary>Trees over the same features that growing goes on from, as many for each score; null begins at nothing.</summary>
    public TreeEnsemble? From { get; init; }

    /// <summary>Where the training's state is kept and taken up from; null for nowhere.</summary>
    /// <remarks>
    /// The resumed training comes to the undisturbed one's trees, to the bit. Where rows or features are drawn, each fifty trees are
    /// drawn from a seed of their own if there are checkpoints, which are kept in between: other draws than without.
    /// </remarks>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>Others who grow the trees; null: this process does.</summary>
    internal ITreeSupply? Supply { get; init; }

    /// <summary>Trains on some rows; with validation rows, stops when they are no longer predicted better.</summary>
    /// <param name="loss">What is made small; the labels are such as it accepts.</param>
    /// <param name="progress">Reported to after every tree.</param>
    /// <returns>
    /// The predictor has the trees up to that of the lowest validation loss, or all if nothing is validated, behind those of
    /// <see cref="From"/>. Training losses are of up to 8,192 rows, evenly spread.
    /// </returns>
    /// <exception cref="ArgumentException">Options are out of range or do not fit the features or the loss; the trees to go on from
    /// are over other features; or training or validation rows are none or without weight.</exception>
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
        int? offset = OffsetFeature.IndexOf(options.Offset, train.Layout, loss) is >= 0 and var index ? index : null;
        var run = new TreesRun(loss.Output, StartOf(loss, train, offset), offset);
        Checkpoints?.Resume(run);
        var stopped = StopReasonOf(run, options);
        if (stopped is null)
        {
            using var growth = GrowthOf(run, loss, train, validation, options, offset, cancellationToken);
            stopped = Grow(run, growth, train.RowCount, options, progress, cancellationToken);
            Checkpoints?.Finish(run);
            return run.Result(stopped);
        }

        return run.Result(stopped);
    }

    ITreeGrowth GrowthOf(
        TreesRun run, Loss loss, FeatureStore train, FeatureStore? validation, BoostedTreesOptions options, int? offset,
        CancellationToken cancellationToken)
    {
        if (Supply is not null)
        {
            return new SuppliedGrowth(run, loss, train, validation, Supply, cancellationToken);
        }

        LightGbmLibrary.Load();
        var numbers = LaidNumbers.Of(train, offset, options.MissingValues);
        return new TreeGrowth(run, loss, train, validation, options, numbers, cancellationToken);
    }

    StopReason Grow(
        TreesRun run, ITreeGrowth growth, long rows, BoostedTreesOptions options, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (grownBefore, startedAt) = (run.Count, clock.GetTimestamp());
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (growth.Grow() is { } result)
            {
                Report(result);
            }

            if (StopReasonOf(run, options) is { } stopped)
            {
                return stopped;
            }

            if (!options.Draws)
            {
                Checkpoints?.SaveIfDue(run);
            }
            else if (Checkpoints is not null && run.Count % TreeGrowth.TreesPerBooster == 0)
            {
                growth.ChangeBooster(cancellationToken);
                Checkpoints.SaveIfDue(run);
            }
        }

        void Report(EpochResult result)
        {
            var seconds = clock.GetElapsedTime(startedAt).TotalSeconds;
            var (done, total) = (result.EpochNumber * rows, options.Trees * rows);
            var rate = seconds > 0 ? (done - grownBefore * rows) / seconds : 0;
            TimeSpan? remaining = rate > 0 ? TimeSpan.FromSeconds((total - done) / rate) : null;
            progress?.Report(new TrainingProgress(
                result.EpochNumber, options.Trees, done, total, rate, remaining, result.TrainingLoss, result) { Round = "tree" });
        }
    }

    /// <summary>
    /// What growing goes on from: the trees given, or the best constant where LightGBM does not find it: beside an offset, and over rows that
    /// several hold, where it would take the mean of what is best for each of them.
    /// </summary>
    TreeEnsemble StartOf(Loss loss, FeatureStore train, int? offset)
    {
        if (From is { } trees)
        {
            return trees.Features.Equals(train.Layout) && trees.TreeCount % loss.Output.Width == 0
                ? trees
                : throw new ArgumentException(
                    $"{trees.TreeCount:N0} trees over {trees.Features.Numerics.Length} numbers and {trees.Features.Categories.Length} " +
                    $"categories can't be gone on from: the rows have {train.Layout.Numerics.Length} and " +
                    $"{train.Layout.Categories.Length}, and {loss.Output.Width} scores. Carry them over first.");
        }

        return offset is { } index
            ? TreeEnsemble.Constant(
                train.Layout, Baseline.Score(loss.Output, OffsetFeature.Moments(loss, train.Rows(8192), index)))
            : Supply is not null ? TreeEnsemble.Constant(train.Layout, BestConstants(loss, train))
            : TreeEnsemble.Constant(train.Layout);
    }

    static double[] BestConstants(Loss loss, FeatureStore train)
    {
        var learner = new BaselineLearner(loss, train.Layout);
        foreach (var batch in train.Rows(8192))
        {
            learner.Learn(batch);
        }

        return [.. ((LinearPredictor)learner.Freeze()).Biases]; // which a baseline is
    }

    static StopReason? StopReasonOf(TreesRun run, BoostedTreesOptions options) =>
        run.IsExhausted ? new StopReason.NothingToSplit(run.Count)
        : run.IsValidated && run.Count - run.Best >= options.Patience
            ? new StopReason.TreesPlateaued(run.Best, run.BestResult.ValidationLoss!.Value, run.Count - run.Best) // it is validated
        : run.Count == options.Trees ? new StopReason.TreesGrown(options.Trees, run.Best)
        : null;

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

using System.Collections.Immutable;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>One pass over the training rows.</summary>
/// <param name="EpochNumber">From 1.</param>
/// <param name="TrainingLoss">The weighted mean over the epoch, each row's taken just before it was learned from: an early row
/// met a worse model.</param>
/// <param name="ValidationLoss">The weighted mean of the frozen predictor at the end of the epoch; null without validation
/// rows.</param>
public readonly record struct EpochResult(int EpochNumber, double TrainingLoss, double? ValidationLoss);

/// <summary>What a training came to.</summary>
/// <param name="Predictor">The model after <paramref name="BestEpochNumber"/>.</param>
/// <param name="BestEpochNumber">The epoch of the lowest validation loss; the last one that ended well if there is no
/// validation.</param>
/// <param name="History">Every epoch that ended well.</param>
/// <param name="StopReason">Why there were no more.</param>
public sealed record TrainingResult(
    IPredictor Predictor, int BestEpochNumber, ImmutableArray<EpochResult> History, StopReason StopReason)
{
    public EpochResult Best => History[BestEpochNumber - 1];
}

/// <summary>Why a training ended.</summary>
public abstract record StopReason
{
    private protected StopReason()
    {
    }

    /// <summary>A sentence for people.</summary>
    public abstract string Explanation { get; }

    /// <summary>Everything asked for was done.</summary>
    public sealed record Completed(int Epochs, long RowsLearned) : StopReason
    {
        public override string Explanation => $"All epochs ({Epochs:N0}) were run, over {RowsLearned:N0} rows in all.";
    }

    /// <summary>The validation loss no longer fell.</summary>
    public sealed record Plateaued(int BestEpochNumber, double BestLoss, int Patience) : StopReason
    {
        public override string Explanation =>
            $"The validation loss was lowest after epoch {BestEpochNumber} ({BestLoss:G6}) " +
            $"and did not fall in the epochs since (patience {Patience}); that epoch's model is kept.";
    }

    /// <summary>As many trees were grown as asked for.</summary>
    public sealed record TreesGrown(int Trees, int BestTrees) : StopReason
    {
        public override string Explanation => BestTrees == Trees
            ? $"All {Trees:N0} trees were grown."
            : $"All {Trees:N0} trees were grown; the validation loss was lowest after {BestTrees:N0}, which are kept.";
    }

    /// <summary>The validation loss no longer fell from tree to tree.</summary>
    public sealed record TreesPlateaued(int BestTrees, double BestLoss, int Patience) : StopReason
    {
        public override string Explanation =>
            $"The validation loss was lowest after {BestTrees:N0} trees ({BestLoss:G6}) " +
            $"and did not fall with the {Patience:N0} after them; those {BestTrees:N0} are kept.";
    }

    /// <summary>No leaf of another tree could be split to any use.</summary>
    public sealed record NothingToSplit(int Trees) : StopReason
    {
        public override string Explanation =>
            $"After {Trees:N0} trees no split lowered the loss any further: more trees would add nothing.";
    }

    /// <summary>The loss stopped being a number, after at least one epoch that ended well.</summary>
    /// <param name="BatchNumber">The batch in that epoch, from 1; null if the batches went well and validation failed.</param>
    /// <param name="Inputs">The batch's most extreme inputs, as a sentence; empty where none stands out.</param>
    public sealed record Diverged(int EpochNumber, long? BatchNumber, double Loss, int BestEpochNumber, string Inputs = "") : StopReason
    {
        public override string Explanation =>
            TrainingDivergedException.Describe(EpochNumber, BatchNumber, Loss, Inputs) +
            $" The model of epoch {BestEpochNumber} is kept.";
    }
}

/// <summary>The loss stopped being a number before there was any model to keep.</summary>
/// <param name="epochNumber">From 1.</param>
/// <param name="batchNumber">From 1; null if the batches went well and validation failed.</param>
/// <param name="inputs">The batch's most extreme inputs, as a sentence.</param>
public sealed class TrainingDivergedException(int epochNumber, long? batchNumber, double loss, string inputs = "") : Exception(
    Describe(epochNumber, batchNumber, loss, inputs) + " There is no model of an earlier epoch to keep.")
{
    public int EpochNumber { get; } = epochNumber;

    public long? BatchNumber { get; } = batchNumber;

    public double Loss { get; } = loss;

    internal static string Describe(int epochNumber, long? batchNumber, double loss, string inputs)
    {
        var place = batchNumber is { } batch
            ? $"batch {batch:N0} of epoch {epochNumber}"
            : $"validation after epoch {epochNumber}";
        return $"The loss became {loss} in {place}: training diverged.{inputs} Lower the learning rate, to a tenth say; " +
            "if that does not help, look for far-off values in the numeric features and clip or log them.";
    }
}

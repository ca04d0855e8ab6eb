using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Globalization;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// A training under way: its learner, where it stands, the sums of the epoch's losses, and the best model so far. All that a
/// checkpoint holds.
/// </summary>
sealed class TrainingRun(ILearner learner, FeatureLayout features, double minDelta) : ICheckpointed
{
    readonly ImmutableArray<EpochResult>.Builder _history = ImmutableArray.CreateBuilder<EpochResult>();
    IPredictor? _best;

    public ILearner Learner { get; } = learner;

    /// <summary>The epoch under way, from 1.</summary>
    public int EpochNumber { get; private set; } = 1;

    /// <summary>Batches learned from in this epoch.</summary>
    public long BatchNumber { get; private set; }

    /// <summary>Of all epochs.</summary>
    public long RowsDone { get; private set; }

    public double LossSum { get; private set; }

    public double WeightSum { get; private set; }

    public double LastLoss { get; private set; }

    /// <summary>The epoch of the lowest validation loss, or the latest where nothing is validated; 0 before the first has ended.</summary>
    public int BestEpochNumber { get; private set; }

    public double BestLoss { get; private set; } = double.PositiveInfinity;

    public int EpochsSinceBest => _history.Count - BestEpochNumber;

    public bool IsValidated => _history.Count > 0 && _history[^1].ValidationLoss is not null;

    /// <returns>False if the loss is no longer a number.</returns>
    public bool Learn(TrainingBatch batch, ProgressMeter meter)
    {
        BatchNumber++;
        double weightSum = 0;
        foreach (var weight in batch.Weights)
        {
            weightSum += weight;
        }

        LastLoss = Learner.Learn(batch);
        if (!double.IsFinite(LastLoss))
        {
            return false;
        }

        RowsDone += batch.RowCount;
        LossSum += LastLoss;
        WeightSum += weightSum;
        meter.Add(EpochNumber, batch.RowCount, LastLoss, weightSum, Learner.LearningRate);
        return true;
    }

    /// <summary>Takes over what others have learned of this epoch so far.</summary>
    public void Advance(long batchNumber, long rowsDone, double lossSum, double weightSum) =>
        (BatchNumber, RowsDone, LossSum, WeightSum) = (batchNumber, rowsDone, lossSum, weightSum);

    /// <summary>Ends the epoch with the predictor that it came to.</summary>
    public EpochResult EndEpoch(IPredictor predictor, double? validationLoss)
    {
        var result = new EpochResult(EpochNumber, LossSum / WeightSum, validationLoss);
        _history.Add(result);
        if (validationLoss is not { } loss || loss < BestLoss - minDelta)
        {
            (_best, BestEpochNumber, BestLoss) = (predictor, EpochNumber, validationLoss ?? BestLoss);
        }

        EpochNumber++;
        (BatchNumber, LossSum, WeightSum) = (0, 0, 0);
        return result;
    }

    // The first epoch that ends well is always better than none, so there is a predictor once there is a history.
    public TrainingResult Result(StopReason reason) => new(_best!, BestEpochNumber, _history.ToImmutable(), reason);

    /// <param name="batchNumber">Null if the batches went well and validation failed.</param>
    /// <param name="inputs">The batch's most extreme inputs, as a sentence.</param>
    public TrainingResult AfterDivergence(long? batchNumber, double loss, string inputs) => _best is null
        ? throw new TrainingDivergedException(EpochNumber, batchNumber, loss, inputs)
        : Result(new StopReason.Diverged(EpochNumber, batchNumber, loss, BestEpochNumber, inputs));

    public string Position => string.Create(
        CultureInfo.InvariantCulture, $"{BatchNumber:N0} batches of epoch {EpochNumber:N0}");

    public string? Unstorable => Learner is IResumableLearner ? null : Learner.GetType().Name;

    public void Save(CheckpointWriter state)
    {
        state.Number(10, EpochNumber);
        state.Number(11, BatchNumber);
        state.Number(12, RowsDone);
        state.Double(13, LossSum);
        state.Double(14, WeightSum);
        state.Number(15, _history.Count);
        foreach (var epoch in _history)
        {
            state.Double(16, epoch.TrainingLoss);
            state.Number(17, epoch.ValidationLoss is null ? 0 : 1);
            state.Double(18, epoch.ValidationLoss ?? 0);
        }

        state.Number(19, BestEpochNumber);
        state.Double(20, BestLoss);
        if (_best is not null)
        {
            var writer = new CborWriter(CborConformanceMode.Canonical);
            PredictorCodec.Write(writer, _best);
            state.Bytes(21, writer.Encode());
        }

        ((IResumableLearner)Learner).Save(state); // the folder has refused others
    }

    public void Restore(CheckpointReader state)
    {
        EpochNumber = (int)state.Number(10, 1, int.MaxValue);
        BatchNumber = state.Number(11, 0, long.MaxValue);
        RowsDone = state.Number(12, 0, long.MaxValue);
        LossSum = state.Double(13);
        WeightSum = state.Double(14);
        var epochs = state.Number(15, 0, EpochNumber - 1);
        _history.Clear();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            var trainingLoss = state.Double(16);
            var isValidated = state.Number(17, 0, 1) == 1;
            var validationLoss = state.Double(18);
            _history.Add(new EpochResult(epoch, trainingLoss, isValidated ? validationLoss : null));
        }

        BestEpochNumber = (int)state.Number(19, 0, epochs);
        BestLoss = state.Double(20);
        _best = BestEpochNumber == 0
            ? null
            : PredictorCodec.Read(new CborReader(state.Bytes(21), CborConformanceMode.Canonical), features);
        ((IResumableLearner)Learner).Restore(state); // as above
    }
}

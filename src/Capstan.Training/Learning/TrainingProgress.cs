namespace Capstan.Training;

/// <summary>Where a training stands.</summary>
/// <param name="EpochNumber">The epoch under way, or just finished, from 1.</param>
/// <param name="Epochs">How many there will be at most.</param>
/// <param name="RowsDone">Rows learned from so far, in all epochs.</param>
/// <param name="RowsTotal">Rows that all epochs have; null in a stream of unknown length.</param>
/// <param name="RowsPerSecond">Since the start, validation included; 0 until the clock has moved.</param>
/// <param name="Remaining">Time until the last epoch ends at that rate; null if unknown.</param>
/// <param name="Loss">The mean training loss of the rows since the last report of this epoch; NaN if they had no weight.</param>
/// <param name="Finished">Set in the report that ends an epoch.</param>
public sealed record TrainingProgress(
    int EpochNumber,
    int Epochs,
    long RowsDone,
    long? RowsTotal,
    double RowsPerSecond,
    TimeSpan? Remaining,
    double Loss,
    EpochResult? Finished)
{
    /// <summary>What is counted as an epoch, for people: also "tree", of boosted trees.</summary>
    public string Round { get; init; } = "epoch";

    /// <summary>Of the latest step, where all parameters share one rate.</summary>
    public double? LearningRate { get; init; }
}

/// <summary>Reports every so many batches, and keeps the sums that reports need.</summary>
sealed class ProgressMeter(TimeProvider clock, IProgress<TrainingProgress>? progress, int every, int epochs, long? rowsTotal)
{
    readonly long _startedAt = clock.GetTimestamp();
    long _rowsDone;
    long _rowsSkipped;
    double _lossSum;
    double _weightSum;
    int _batches;
    double? _learningRate;

    /// <summary>Rows that an earlier process has learned from: they count as done, but not for the rate.</summary>
    public void Skip(long rows) => (_rowsDone, _rowsSkipped) = (rows, rows);

    public void Add(int epochNumber, int rowCount, double lossSum, double weightSum, double? learningRate)
    {
        _rowsDone += rowCount;
        _lossSum += lossSum;
        _weightSum += weightSum;
        _learningRate = learningRate;
        if (++_batches >= every)
        {
            Report(epochNumber, null);
        }
    }

    public void Finish(EpochResult result) => Report(result.EpochNumber, result);

    void Report(int epochNumber, EpochResult? finished)
    {
        if (progress is not null)
        {
            var seconds = clock.GetElapsedTime(_startedAt).TotalSeconds;
            var rate = seconds > 0 ? (_rowsDone - _rowsSkipped) / seconds : 0;
            TimeSpan? remaining = rowsTotal is { } total && rate > 0 ? TimeSpan.FromSeconds((total - _rowsDone) / rate) : null;
            var loss = finished?.TrainingLoss ?? _lossSum / _weightSum;
            progress.Report(new TrainingProgress(epochNumber, epochs, _rowsDone, rowsTotal, rate, remaining, loss, finished)
            {
                LearningRate = _learningRate,
            });
        }

        (_lossSum, _weightSum, _batches) = (0, 0, 0);
    }
}

namespace Capstan.Training;

/// <summary>
/// Reads any rows of an epoch's order (<see cref="FeatureStore.Epoch(int, ulong, int)"/>), cheaply if they follow, or shortly precede, those
/// read last. Not thread-safe.
/// </summary>
sealed class EpochCursor(FeatureStore rows, ulong seed)
{
    readonly RowReader _reader = rows.OpenReader();
    int _epochIndex = -1;
    long _next;

    /// <summary>What was read last, at its place in its batch.</summary>
    public TrainingBatch Batch => _reader.Batch;

    /// <summary>Reads some rows of one batch of an epoch; what else the batch object holds is undefined.</summary>
    /// <param name="batchIndex">The batch's place in the epoch.</param>
    /// <param name="first">Of the rows to read, the first one's place in the batch.</param>
    /// <param name="count">How many rows to read; those beyond the end of the batch are none.</param>
    public void Read(int epochIndex, long batchIndex, int batchSize, int first, int count)
    {
        var batchFirst = batchIndex * batchSize;
        Batch.Resize((int)Math.Min(batchSize, rows.RowCount - batchFirst));
        count = Math.Min(count, Batch.RowCount - first);
        MoveTo(epochIndex, batchFirst + first);
        _reader.Fill(first, count);
        _next += count;
        rows.ClassFactors?.Apply(Batch, first, count);
    }

    void MoveTo(int epochIndex, long row)
    {
        if (epochIndex != _epochIndex || (row < _next && !_reader.TryBack(_next - row)))
        {
            (_epochIndex, _next) = (epochIndex, 0);
            _reader.Start(new Data.SeededRandom(seed, (ulong)epochIndex));
        }

        if (row > _next)
        {
            _reader.Skip(row - _next);
        }

        _next = row;
    }
}

using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Training;

/// <summary>
/// Transformed training rows for many epochs, packed; what exceeds the memory budget lies in a temporary file. Made by
/// <see cref="FeatureStoreWriter"/>.
/// </summary>
/// <remarks>
/// <para>The order of an epoch depends on the rows, their order, the seed and the epoch, and on nothing else: not on the memory
/// budget, the machine or the batch size (which only cuts the same sequence elsewhere).</para>
/// <para>Shuffling: rows lie in blocks of up to 8,192. An epoch puts the blocks in random order, cuts that into as few
/// windows as do, of equal numbers of blocks, and permutes the rows of each window as a whole. A window is at most 64 MiB and 2
/// million rows, or 16 blocks if they are larger. Rows that fit one window get a uniform shuffle.</para>
/// <para>Memory while reading: one address and one batch of rows, the window's permutation, and the window's spilled blocks;
/// reused from epoch to epoch. Any number of epochs may be read at a time, each by one thread.</para>
/// </remarks>
public sealed class FeatureStore : IDisposable
{
    readonly SpillFile? _spill;
    readonly ImmutableArray<StoredBlock> _blocks;
    readonly RowCodec _codec;
    readonly BlockShape _shape;
    readonly ClassFactors? _classFactors;
    readonly bool _isView;
    RowReader? _idleReader;
    bool _disposed;

    internal FeatureStore(
        RowCodec codec,
        BlockShape shape,
        ImmutableArray<StoredBlock> blocks,
        LabelMoments labels,
        long memoryBytes,
        SpillFile? spill)
    {
        _codec = codec;
        _shape = shape;
        _blocks = blocks;
        _spill = spill;
        Labels = labels;
        MemoryBytes = memoryBytes;
    }

    FeatureStore(FeatureStore rows, ClassFactors classFactors, LabelMoments labels)
        : this(rows._codec, rows._shape, rows._blocks, labels, rows.MemoryBytes, rows._spill) => (_classFactors, _isView) = (classFactors, true);

    public FeatureLayout Layout => _codec.Layout;

    public long RowCount => Labels.RowCount;

    /// <summary>Moments of all labels, with the same bits whatever batches the rows came in.</summary>
    public LabelMoments Labels { get; }

    /// <summary>Packed rows held in memory.</summary>
    public long MemoryBytes { get; }

    /// <summary>Packed rows held in the spill file.</summary>
    public long SpilledBytes => _spill?.Length ?? 0;

    /// <summary>How many batches of a size an epoch has.</summary>
    public long BatchesPerEpoch(int batchSize) => (RowCount + batchSize - 1) / batchSize;

    /// <summary>Every row once, in the random order of (<paramref name="seed"/>, <paramref name="epochIndex"/>).</summary>
    /// <param name="epochIndex">From 0.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="batchSize">Rows per batch, at least 1; the last batch has what is left.</param>
    /// <returns>One batch object with new content each time; what it held before is gone.</returns>
    public IEnumerable<TrainingBatch> Epoch(int epochIndex, ulong seed, int batchSize) => Epoch(epochIndex, seed, batchSize, 0);

    /// <summary>The same without the first batches: they are not unpacked, but their windows are read.</summary>
    /// <param name="skippedBatches">0 or more.</param>
    public IEnumerable<TrainingBatch> Epoch(int epochIndex, ulong seed, int batchSize, long skippedBatches)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skippedBatches);
        ArgumentOutOfRangeException.ThrowIfNegative(epochIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Read(new SeededRandom(seed, (ulong)epochIndex), batchSize, skippedBatches);
    }

    /// <summary>Every row once, in the order in which the rows came; batches as in <see cref="Epoch(int, ulong, int)"/>.</summary>
    public IEnumerable<TrainingBatch> Rows(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Read(null, batchSize, 0);
    }

    /// <summary>The same rows with other weights, over the same memory: usable until this store is disposed of.</summary>
    public FeatureStore Weighed(ClassFactors factors)
    {
        var moments = default(LabelMoments);
        foreach (var batch in Rows(8192))
        {
            factors.Apply(batch);
            moments = moments.Merge(LabelMoments.Of(batch.Labels, batch.Weights));
        }

        return new FeatureStore(this, factors, moments);
    }

    /// <summary>A reader of the store's own, for <see cref="EpochCursor"/>.</summary>
    internal RowReader OpenReader() => new(_codec, _shape, _blocks, _spill);

    internal ClassFactors? ClassFactors => _classFactors;

    /// <summary>Frees the memory and deletes the spill file.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (!_isView)
        {
            _spill?.Dispose();
        }

        _idleReader = null;
    }

    IEnumerable<TrainingBatch> Read(SeededRandom? random, int batchSize, long skippedBatches)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var reader = Interlocked.Exchange(ref _idleReader, null) ?? new RowReader(_codec, _shape, _blocks, _spill);
        try
        {
            reader.Start(random);
            reader.Skip(Math.Min(skippedBatches, BatchesPerEpoch(batchSize)) * batchSize);
            while (reader.Fill(batchSize))
            {
                _classFactors?.Apply(reader.Batch);
                yield return reader.Batch;
                ObjectDisposedException.ThrowIf(_disposed, this);
            }
        }
        finally
        {
            _idleReader = reader;
        }
    }
}

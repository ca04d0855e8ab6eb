using System.Runtime.InteropServices;
using Capstan.Features;

namespace Capstan.Training;

/// <summary>
/// Takes transformed rows in once; <see cref="Finish"/> gives them back as a <see cref="FeatureStore"/> for many epochs. How rows
/// were cut into batches does not matter. Not thread-safe.
/// </summary>
public sealed unsafe class FeatureStoreWriter : IDisposable
{
    readonly long _memoryBudget;
    readonly Func<SpillFile> _openSpill;
    readonly RowCodec _codec;
    readonly BlockShape _shape;
    readonly List<StoredBlock> _blocks = [];
    readonly byte[] _rows;
    readonly byte* _firstRow;
    readonly float[] _labels;
    readonly float[] _weights;
    SpillFile? _spill;
    LabelMoments _moments;
    long _memoryBytes;
    int _count;
    bool _closed;

    public FeatureStoreWriter(FeatureLayout layout, FeatureStoreOptions options)
        : this(new RowCodec(layout), options.MemoryBytes, () => SpillFile.Create(options.SpillFolder), null)
    {
    }

    internal FeatureStoreWriter(RowCodec codec, long memoryBudget, Func<SpillFile> openSpill, BlockShape? shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        _memoryBudget = memoryBudget;
        _openSpill = openSpill;
        _codec = codec;
        _shape = shape ?? BlockShape.Of(codec.RowBytes);
        _rows = GC.AllocateUninitializedArray<byte>(_shape.BlockRows * (_codec.RowBytes + sizeof(float)), pinned: true);
        _firstRow = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_rows, 0);
        _labels = new float[_shape.BlockRows];
        _weights = new float[_shape.BlockRows];
    }

    /// <summary>Adds copies of a batch's rows.</summary>
    /// <exception cref="ArgumentException">
    /// The batch has another layout; a number, label or weight is not finite; a weight is negative; or a category is not below
    /// its feature's cardinality. None of the batch's rows is added then.
    /// </exception>
    /// <exception cref="SpillFailedException">The memory budget is used up and the spill file can't be written.</exception>
    public void Append(TrainingBatch batch)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        BatchChecks.CheckLayout(batch, _codec.Layout);
        BatchChecks.CheckRows(batch);
        for (var start = 0; start < batch.RowCount;)
        {
            var count = Math.Min(batch.RowCount - start, _shape.BlockRows - _count);
            _codec.Pack(batch, start, count, _firstRow + (long)_count * _codec.RowBytes);
            batch.Labels.Slice(start, count).CopyTo(_labels.AsSpan(_count));
            batch.Weights.Slice(start, count).CopyTo(_weights.AsSpan(_count));
            start += count;
            _count += count;
            if (_count == _shape.BlockRows)
            {
                Seal();
            }
        }
    }

    /// <summary>The rows, to be read as often as wanted. The writer is closed; the store must be disposed.</summary>
    public FeatureStore Finish()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_count > 0)
        {
            Seal();
        }

        _closed = true;
        return new FeatureStore(_codec, _shape, [.. _blocks], _moments, _memoryBytes, _spill);
    }

    /// <summary>Drops the rows, unless <see cref="Finish"/> has handed them on.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _spill?.Dispose();
        }
    }

    void Seal()
    {
        var labels = _labels.AsSpan(0, _count);
        var weights = _weights.AsSpan(0, _count);
        var byteCount = _count * _codec.RowBytes;
        var weighted = weights.ContainsAnyExcept(1f);
        if (weighted)
        {
            MemoryMarshal.AsBytes(weights).CopyTo(_rows.AsSpan(byteCount));
            byteCount += _count * sizeof(float);
        }

        var bytes = _rows.AsSpan(0, byteCount);
        if (_memoryBytes + byteCount <= _memoryBudget)
        {
            var memory = GC.AllocateUninitializedArray<byte>(byteCount, pinned: true);
            bytes.CopyTo(memory);
            _memoryBytes += byteCount;
            _blocks.Add(new StoredBlock(_count, byteCount, weighted, memory, 0));
        }
        else
        {
            _spill ??= _openSpill();
            _blocks.Add(new StoredBlock(_count, byteCount, weighted, null, _spill.Append(bytes)));
        }

        _moments = _moments.Merge(LabelMoments.Of(labels, weights));
        _count = 0;
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>One reading of all rows of a store, window by window, and the memory that it takes, for use again.</summary>
sealed unsafe class RowReader
{
    // A chunk's rows stay in the first-level cache while its columns are unpacked one after another.
    const int ChunkRows = 256;

    readonly RowCodec _codec;
    readonly BlockShape _shape;
    readonly ImmutableArray<StoredBlock> _blocks;
    readonly SpillFile? _spill;
    readonly int[] _blockOrder;
    readonly nint[] _addresses = new nint[ChunkRows];
    readonly WindowBlock[] _window;
    int[] _rowOrder = [];
    SeededRandom? _random;
    int _nextBlock;
    int _windowRows;
    int _windowAt;
    bool _windowWeighted;
    long _rowsLeft;

    public RowReader(RowCodec codec, BlockShape shape, ImmutableArray<StoredBlock> blocks, SpillFile? spill)
    {
        (_codec, _shape, _blocks, _spill) = (codec, shape, blocks, spill);
        _blockOrder = new int[blocks.Length];
        _window = new WindowBlock[Math.Min(shape.WindowBlocks, blocks.Length)];
        Batch = new TrainingBatch(codec.Layout);
    }

    public TrainingBatch Batch { get; }

    /// <summary>Begins again; without random numbers, in the order of storing.</summary>
    public void Start(SeededRandom? random)
    {
        _random = random;
        _nextBlock = 0;
        _windowRows = 0;
        _windowAt = 0;
        _rowsLeft = _blocks.Sum(block => (long)block.RowCount);
        CountUp(_blockOrder);
        _random?.Shuffle<int>(_blockOrder);
    }

    /// <summary>Passes over the next rows, or over all that are left.</summary>
    public void Skip(long rowCount)
    {
        for (var left = Math.Min(rowCount, _rowsLeft); left > 0;)
        {
            if (_windowAt == _windowRows)
            {
                Advance();
            }

            var count = (int)Math.Min(left, _windowRows - _windowAt);
            _windowAt += count;
            _rowsLeft -= count;
            left -= count;
        }
    }

    /// <summary>Goes back over rows already passed, if they are still in the window.</summary>
    public bool TryBack(long rowCount)
    {
        if (rowCount > _windowAt)
        {
            return false;
        }

        _windowAt -= (int)rowCount;
        _rowsLeft += rowCount;
        return true;
    }

    /// <summary>Puts the next rows into the batch.</summary>
    /// <returns>False at the end, when the batch stays as it was.</returns>
    public bool Fill(int batchSize)
    {
        var rowCount = (int)Math.Min(batchSize, _rowsLeft);
        if (rowCount == 0)
        {
            return false;
        }

        Batch.Resize(rowCount);
        Fill(0, rowCount);
        return true;
    }

    /// <summary>Puts the next rows, of which there are enough, into some rows of the batch.</summary>
    public void Fill(int firstRow, int rowCount)
    {
        _rowsLeft -= rowCount;
        for (var (start, end) = (firstRow, firstRow + rowCount); start < end;)
        {
            if (_windowAt == _windowRows)
            {
                Advance();
            }

            var count = Math.Min(Math.Min(ChunkRows, end - start), _windowRows - _windowAt);
            Unpack(start, count);
            start += count;
            _windowAt += count;
        }
    }

    void Unpack(int start, int count)
    {
        var addresses = _addresses.AsSpan(0, count);
        var weights = Batch.Weights.Slice(start, count);
        var shuffled = _random is not null;
        var mask = _shape.BlockRows - 1;
        var shift = _shape.BlockShift;
        for (var index = 0; index < addresses.Length; index++)
        {
            var row = shuffled ? _rowOrder[_windowAt + index] : _windowAt + index;
            var address = _window[row >> shift].Rows + (nint)(row & mask) * _codec.RowBytes;
            addresses[index] = address;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0((void*)address);
            }
        }

        if (_windowWeighted)
        {
            for (var index = 0; index < weights.Length; index++)
            {
                var row = shuffled ? _rowOrder[_windowAt + index] : _windowAt + index;
                var block = _window[row >> shift];
                weights[index] = block.Weights == 0 ? 1f : ((float*)block.Weights)[row & mask];
            }
        }
        else
        {
            weights.Fill(1f);
        }

        _codec.Unpack(addresses, Batch, start);
    }

    /// <summary>
    /// Brings the next window in. All windows of an epoch are of one size, within one block: a small last one would be shuffled
    /// worse.
    /// </summary>
    void Advance()
    {
        var windows = (_blocks.Length + _shape.WindowBlocks - 1) / _shape.WindowBlocks;
        var blocksPerWindow = _random is not null ? (_blocks.Length + windows - 1) / windows : 1;
        var order = _blockOrder.AsSpan(_nextBlock, Math.Min(blocksPerWindow, _blocks.Length - _nextBlock));
        _nextBlock += order.Length;

        // Only the very last block stored may be short. At the end of its window, row numbers still divide into block and row.
        var last = order.IndexOf(_blocks.Length - 1);
        if (last >= 0)
        {
            (order[last], order[^1]) = (order[^1], order[last]);
        }

        _windowRows = 0;
        _windowAt = 0;
        _windowWeighted = false;
        for (var index = 0; index < order.Length; index++)
        {
            Load(_blocks[order[index]], ref _window[index]);
        }

        if (_random is not null)
        {
            PermuteWindow(order.Length, _random);
        }
    }

    void PermuteWindow(int blockCount, SeededRandom random)
    {
        if (_rowOrder.Length < _windowRows)
        {
            _rowOrder = new int[Math.Min(blockCount * _shape.BlockRows, _blocks.Sum(block => (long)block.RowCount))];
        }

        var rows = _rowOrder.AsSpan(0, _windowRows);
        CountUp(rows);
        random.Shuffle(rows);
    }

    static void CountUp(Span<int> order)
    {
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }
    }

    void Load(StoredBlock block, ref WindowBlock slot)
    {
        var memory = block.Memory;
        if (memory is null)
        {
            if (slot.Buffer is null || slot.Buffer.Length < block.ByteCount)
            {
                var largest = _blocks.Where(stored => stored.Memory is null).Max(stored => stored.ByteCount);
                slot.Buffer = GC.AllocateUninitializedArray<byte>(largest, pinned: true);
            }

            memory = slot.Buffer;

            // A block only exists outside memory if there is a file to hold it.
            _spill!.Read(block.FileOffset, memory.AsSpan(0, block.ByteCount));
        }

        slot.Rows = Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        slot.Weights = block.Weighted ? slot.Rows + (nint)block.RowCount * _codec.RowBytes : 0;
        _windowWeighted |= block.Weighted;
        _windowRows += block.RowCount;
    }

    /// <summary>
    /// Where a block of the window begins in memory; its weights, or 0 if all are 1; and the slot's own buffer for spilled
    /// blocks.
    /// </summary>
    struct WindowBlock
    {
        public nint Rows;
        public nint Weights;
        public byte[]? Buffer;
    }
}

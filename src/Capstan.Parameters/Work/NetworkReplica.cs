using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>A part of a replica's dense parameters that comes from one shard in one piece.</summary>
/// <param name="IsWide">Of the wide part's numeric weights; else of the layers'.</param>
readonly record struct DenseSegment(bool IsWide, int Offset, int Length);

/// <summary>One member's own copy of the network, and where each shard's parameters are in it.</summary>
sealed class NetworkReplica : IDisposable
{
    readonly NetworkBlocks _blocks;
    readonly int[] _denseOffsets;
    readonly ReplicaTable?[] _tables;

    public NetworkReplica(TrainingJob job, int threads)
    {
        Job = job;
        Learner = new DnnLearner(job.Loss, job.Features, job.Network, job.Scaling, threads);
        _blocks = NetworkBlocks.Of(job);
        Slices = KeyRanges.Cut(_blocks.Blocks.AsSpan(), job.Shards);
        _denseOffsets = new int[_blocks.Blocks.Length];
        var offset = 0;
        for (var block = 0; block < _blocks.Blocks.Length && _blocks.Blocks[block].Kind == BlockKind.Dense; block++)
        {
            _denseOffsets[block] = block == _blocks.WideNumerics ? 0 : offset;
            offset += (int)_blocks.Blocks[block].Length;
        }

        _tables = new ReplicaTable?[_blocks.Blocks.Length];
        AddTables();
        Tables = [.. _tables.Where(table => table is not null).Select(table => table!)]; // those that are there
        DenseSegments = [.. Slices.Select(SegmentsOf)];
        KeyedSlices = [.. Slices.Select(slices => slices.Where(slice => _tables[slice.Block] is not null).ToImmutableArray())];
    }

    public TrainingJob Job { get; }

    public DnnLearner Learner { get; }

    public ImmutableArray<BlockSpec> Blocks => _blocks.Blocks;

    /// <summary>By shard, what it holds.</summary>
    public ImmutableArray<ImmutableArray<BlockSlice>> Slices { get; }

    /// <summary>By shard, where its dense blocks go, in their order.</summary>
    public ImmutableArray<ImmutableArray<DenseSegment>> DenseSegments { get; }

    /// <summary>By shard, the rows of tables that it holds.</summary>
    public ImmutableArray<ImmutableArray<BlockSlice>> KeyedSlices { get; }

    public ImmutableArray<ReplicaTable> Tables { get; }

    public int WideNumericsBlock => _blocks.WideNumerics;

    public ReplicaTable TableOf(int block) => _tables[block]!; // asked for keyed blocks alone

    public Span<float> Dense(DenseSegment segment) => segment.IsWide
        ? Learner.Gradients.Wide!.Weights.AsSpan(segment.Offset, segment.Length) // only a wide part has such segments
        : Learner.Layers.Values.Slice(segment.Offset, segment.Length);

    /// <summary>Whether a slice is of a layer's weights or biases.</summary>
    public bool IsLayer(BlockSlice slice) => Blocks[slice.Block] is { Kind: BlockKind.Dense, Rule: BlockRule.Network };

    /// <summary>What a shard holds of the layers, which is one piece of them.</summary>
    public DenseSegment LayersOf(int shard) =>
        DenseSegments[shard] is [{ IsWide: false } layers, ..] ? layers : default;

    /// <summary>The place of a dense slice's numbers among those of all layers, or of the wide part.</summary>
    public DenseSegment SegmentOf(BlockSlice slice)
    {
        var width = Blocks[slice.Block].Width;
        return new DenseSegment(slice.Block == _blocks.WideNumerics, _denseOffsets[slice.Block] + slice.FirstRow * width, slice.Rows * width);
    }

    /// <summary>The values of any slice, as they are in the replica.</summary>
    public ReadOnlySpan<float> Values(BlockSlice slice) => _tables[slice.Block] is { } table
        ? table.Values.AsSpan(table.Offset + slice.FirstRow * table.Width, slice.Rows * table.Width)
        : Dense(SegmentOf(slice));

    public void Dispose() => Learner.Dispose();

    void AddTables()
    {
        var (learner, gradients) = (Learner, Learner.Gradients);
        for (var feature = 0; feature < _blocks.Tables.Length; feature++)
        {
            if (_blocks.Tables[feature] is >= 0 and var block)
            {
                _tables[block] = new ReplicaTable(
                    block, feature, Job.Features.Categories[feature].Cardinality, learner.Shape.EmbeddingDimensions[feature], learner.Embeddings,
                    learner.Shape.EmbeddingOffset(feature), gradients.Tables[feature], gradients.Columns[feature]);
            }
        }

        for (var place = 0; place < _blocks.WideTables.Length; place++)
        {
            var (wide, block) = (gradients.Wide!, _blocks.WideTables[place]); // there are no such blocks without
            var feature = wide.Features[place];
            _tables[block] = new ReplicaTable(
                block, feature, Job.Features.Categories[feature].Cardinality, Job.Loss.Output.Width, wide.Weights, wide.Tables[place].ParameterOffset,
                wide.Tables[place], -1);
        }
    }

    ImmutableArray<DenseSegment> SegmentsOf(ImmutableArray<BlockSlice> slices)
    {
        var segments = ImmutableArray.CreateBuilder<DenseSegment>();
        foreach (var slice in slices.Where(slice => _tables[slice.Block] is null))
        {
            var next = SegmentOf(slice);
            if (segments.Count > 0 && segments[^1] is var last && last.IsWide == next.IsWide && last.Offset + last.Length == next.Offset)
            {
                segments[^1] = last with { Length = last.Length + next.Length };
            }
            else
            {
                segments.Add(next);
            }
        }

        return segments.ToImmutable();
    }
}

/// <summary>A table of rows in a replica: embeddings, or weights of the wide part.</summary>
/// <param name="Feature">The category feature whose categories its rows are.</param>
/// <param name="Values">Where the rows lie, from <paramref name="Offset"/>.</param>
/// <param name="Gradients">Their sums.</param>
/// <param name="Column">Of an embedding, where it begins in the embedded width; −1 for the wide part.</param>
sealed record ReplicaTable(int Block, int Feature, int Rows, int Width, float[] Values, int Offset, EmbeddingTable Gradients, int Column)
{
    // 0 for rows not needed, else the number of the need.
    readonly int[] _marks = new int[Rows];
    int _mark;
    float[] _scratch = [];

    /// <summary>The rows that some examples need, each once, in the order in which they come.</summary>
    /// <param name="rows">As many as there are examples; the first are written.</param>
    public int Distinct(ReadOnlySpan<int> categories, Span<int> rows)
    {
        _mark++;
        var count = 0;
        foreach (var category in categories)
        {
            if (_marks[category] != _mark)
            {
                _marks[category] = _mark;
                rows[count++] = category;
            }
        }

        return count;
    }

    /// <summary>Takes pulled rows in.</summary>
    /// <param name="rows">Within the slice.</param>
    public void Scatter(ReadOnlySpan<int> rows, int firstRow, FrameBuffer pulled, WireNumbers numbers)
    {
        var values = WireFloats.Read(pulled, rows.Length * Width, numbers, ref _scratch);
        var start = Offset + firstRow * Width;
        if (Width == 1)
        {
            var target = Values.AsSpan(start);
            for (var index = 0; index < rows.Length; index++)
            {
                target[rows[index]] = values[index];
            }

            return;
        }

        for (var index = 0; index < rows.Length; index++)
        {
            values.Slice(index * Width, Width).CopyTo(Values.AsSpan(start + rows[index] * Width));
        }
    }
}

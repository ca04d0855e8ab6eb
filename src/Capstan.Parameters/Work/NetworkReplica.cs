using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>One member's own copy of the network, and where each shard's parameters are in it.</summary>
sealed class NetworkReplica : Replica
{
    readonly NetworkBlocks _blocks;
    readonly int[] _denseOffsets;
    readonly NetworkTable?[] _tables;

    public NetworkReplica(TrainingJob job, int threads)
        : this(job, NetworkBlocks.Of(job), threads)
    {
    }

    NetworkReplica(TrainingJob job, NetworkBlocks blocks, int threads)
        : base(job, blocks.Blocks)
    {
        Network = new DnnLearner(job.Loss, job.Features, job.Network.Options, job.Network.Scaling, threads);
        _blocks = blocks;
        _denseOffsets = new int[_blocks.Blocks.Length];
        var offset = 0;
        for (var block = 0; block < _blocks.Blocks.Length && _blocks.Blocks[block].Kind == BlockKind.Dense; block++)
        {
            _denseOffsets[block] = block == _blocks.WideNumerics ? 0 : offset;
            offset += (int)_blocks.Blocks[block].Length;
        }

        _tables = new NetworkTable?[_blocks.Blocks.Length];
        AddTables();
        Tables = [.. _tables.Where(table => table is not null).Select(table => table!)]; // those that are there
        DenseSegments = [.. Slices.Select(SegmentsOf)];
        KeyedSlices = [.. Slices.Select(slices => slices.Where(slice => _tables[slice.Block] is not null).ToImmutableArray())];
    }

    public DnnLearner Network { get; }

    public override IResumableLearner Learner => Network;

    public int WideNumericsBlock => _blocks.WideNumerics;

    public override NetworkTable TableOf(int block) => _tables[block]!; // asked for keyed blocks alone

    public override Span<float> Dense(DenseSegment segment) => segment.IsWide
        ? Network.Gradients.Wide!.Weights.AsSpan(segment.Offset, segment.Length) // only a wide part has such segments
        : Network.Layers.Values.Slice(segment.Offset, segment.Length);

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

    public override ReadOnlySpan<float> Values(BlockSlice slice) => _tables[slice.Block] is { } table
        ? table.Values.AsSpan(table.Offset + slice.FirstRow * table.Width, slice.Rows * table.Width)
        : Dense(SegmentOf(slice));

    public override IWorkPush PushThrough(ParameterClient client, TableRows needs) => new GradientPush(this, client);

    public override void Dispose() => Network.Dispose();

    void AddTables()
    {
        var (learner, gradients) = (Network, Network.Gradients);
        for (var feature = 0; feature < _blocks.Tables.Length; feature++)
        {
            if (_blocks.Tables[feature] is >= 0 and var block)
            {
                _tables[block] = new NetworkTable(
                    block, feature, Job.Features.Categories[feature].Cardinality, learner.Shape.EmbeddingDimensions[feature], learner.Embeddings,
                    learner.Shape.EmbeddingOffset(feature), gradients.Tables[feature], gradients.Columns[feature]);
            }
        }

        for (var place = 0; place < _blocks.WideTables.Length; place++)
        {
            var (wide, block) = (gradients.Wide!, _blocks.WideTables[place]); // there are no such blocks without
            var feature = wide.Features[place];
            _tables[block] = new NetworkTable(
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
/// <param name="values">Where the rows lie, from <paramref name="offset"/>.</param>
/// <param name="gradients">Their sums.</param>
/// <param name="column">Of an embedding, where it begins in the embedded width; −1 for the wide part.</param>
sealed class NetworkTable(int block, int feature, int rows, int width, float[] values, int offset, EmbeddingTable gradients, int column)
    : ReplicaTable(block, feature, rows, width)
{
    // 0 for rows not needed, else the number of the need.
    readonly int[] _marks = new int[rows];
    int _mark;
    float[] _scratch = [];

    public float[] Values { get; } = values;

    public int Offset { get; } = offset;

    public EmbeddingTable Gradients { get; } = gradients;

    public int Column { get; } = column;

    /// <summary>In the order in which they come.</summary>
    public override int Distinct(ReadOnlySpan<int> categories, Span<int> needed)
    {
        _mark++;
        var count = 0;
        foreach (var category in categories)
        {
            if (_marks[category] != _mark)
            {
                _marks[category] = _mark;
                needed[count++] = category;
            }
        }

        return count;
    }

    public override void Scatter(ReadOnlySpan<int> needed, int firstRow, FrameBuffer pulled, WireNumbers numbers)
    {
        var read = WireFloats.Read(pulled, needed.Length * Width, numbers, ref _scratch);
        var start = Offset + firstRow * Width;
        if (Width == 1)
        {
            var target = Values.AsSpan(start);
            for (var index = 0; index < needed.Length; index++)
            {
                target[needed[index]] = read[index];
            }

            return;
        }

        for (var index = 0; index < needed.Length; index++)
        {
            read.Slice(index * Width, Width).CopyTo(Values.AsSpan(start + needed[index] * Width));
        }
    }
}

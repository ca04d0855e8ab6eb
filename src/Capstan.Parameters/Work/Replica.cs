using System.Collections.Immutable;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>One member's own copy of what is learned, and where each shard's parameters are in it.</summary>
abstract class Replica(TrainingJob job, ImmutableArray<BlockSpec> blocks) : IDisposable
{
    public TrainingJob Job { get; } = job;

    public ImmutableArray<BlockSpec> Blocks { get; } = blocks;

    /// <summary>By shard, what it holds.</summary>
    public ImmutableArray<ImmutableArray<BlockSlice>> Slices { get; } = KeyRanges.Cut(blocks.AsSpan(), job.Shards);

    /// <summary>By shard, where its dense blocks go, in their order.</summary>
    public ImmutableArray<ImmutableArray<DenseSegment>> DenseSegments { get; protected init; }

    /// <summary>By shard, the rows of tables that it holds.</summary>
    public ImmutableArray<ImmutableArray<BlockSlice>> KeyedSlices { get; protected init; }

    public ImmutableArray<ReplicaTable> Tables { get; protected init; }

    public abstract IResumableLearner Learner { get; }

    public static Replica Of(TrainingJob job, int threads) => job.Learner is LearnerDefinition.Linear linear
        ? new LinearReplica(job, linear)
        : new NetworkReplica(job, threads);

    public abstract ReplicaTable TableOf(int block);

    public abstract Span<float> Dense(DenseSegment segment);

    /// <summary>The values of any slice, as they are in the replica; none where all are 0.</summary>
    public abstract ReadOnlySpan<float> Values(BlockSlice slice);

    /// <summary>Takes up what was pulled into <see cref="Dense"/>.</summary>
    public virtual void TakeUp()
    {
    }

    /// <summary>What computes gradients for pushes through a client.</summary>
    public abstract IWorkPush PushThrough(ParameterClient client, TableRows needs);

    public abstract void Dispose();
}

/// <summary>A part of a replica's dense parameters that comes from one shard in one piece.</summary>
/// <param name="IsWide">Of the wide part's numeric weights; else of the layers'.</param>
readonly record struct DenseSegment(bool IsWide, int Offset, int Length);

/// <summary>A table of rows in a replica, of which those that are needed are pulled.</summary>
/// <param name="feature">The category feature whose categories its rows are.</param>
abstract class ReplicaTable(int block, int feature, int rows, int width)
{
    public int Block { get; } = block;

    public int Feature { get; } = feature;

    public int Rows { get; } = rows;

    public int Width { get; } = width;

    /// <summary>The rows that some examples need, each once.</summary>
    /// <param name="needed">As many as there are examples, or rows; the first are written.</param>
    public abstract int Distinct(ReadOnlySpan<int> categories, Span<int> needed);

    /// <summary>Takes pulled rows in.</summary>
    /// <param name="needed">Within the slice.</param>
    public abstract void Scatter(ReadOnlySpan<int> needed, int firstRow, FrameBuffer pulled, WireNumbers numbers);
}

/// <summary>Computes what a piece of work comes to, and writes it into the pushes to all shards.</summary>
interface IWorkPush
{
    /// <summary>Rows of a part of synchronous work.</summary>
    int PartRows { get; }

    /// <summary>Some parts, summed up as far as they can be without the batch's others.</summary>
    /// <param name="isEach">One by one, instead.</param>
    void Parts(TrainingBatch batch, long step, int firstPart, int parts, bool isEach);

    /// <summary>A whole batch, for servers that take batches in as they come.</summary>
    void Whole(TrainingBatch batch, long step);
}

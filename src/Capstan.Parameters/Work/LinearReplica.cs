using System.Collections.Immutable;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>One member's own copy of a linear model: a learner whose coordinates come and go.</summary>
sealed class LinearReplica : Replica
{
    readonly float[] _dense;
    readonly int[] _densePlaces;

    public LinearReplica(TrainingJob job, LearnerDefinition.Linear definition)
        : base(job, LinearBlocks.Of(job))
    {
        Form = LinearBlocks.FormOf(job);
        Coordinates = job.Loss is Loss.Softmax softmax
            ? new SoftmaxFtrlLearner(softmax, job.Features, definition.Options)
            : new FtrlLearner(new LinearTarget(job.Loss, definition.Center, definition.Scale), job.Features, definition.Options);
        var numerics = job.Features.Numerics.Length;
        _densePlaces = [.. Enumerable.Range(0, 1 + numerics)];
        _dense = new float[_densePlaces.Length * Width];
        Tables =
        [
            .. job.Features.Categories.Select((spec, feature) => new LinearTable(this, FirstTable + feature, feature, spec.Cardinality)),
        ];
        DenseSegments = [.. Slices.Select(slices => slices.Where(slice => slice.Block < FirstTable).Select(SegmentOf).ToImmutableArray())];
        KeyedSlices = [.. Slices.Select(slices => slices.Where(slice => slice.Block >= FirstTable).ToImmutableArray())];
    }

    public ISharedCoordinates Coordinates { get; }

    public override IResumableLearner Learner => Coordinates;

    public CoordinateForm Form { get; }

    /// <summary>Numbers of a row.</summary>
    public int Width => Job.Loss.Output.Width * (int)Form;

    int FirstTable => Job.Features.Numerics.Length > 0 ? 2 : 1;

    public override ReplicaTable TableOf(int block) => Tables[block - FirstTable];

    public override Span<float> Dense(DenseSegment segment) => _dense.AsSpan(segment.Offset, segment.Length);

    public DenseSegment SegmentOf(BlockSlice slice) =>
        new(false, (LinearBlocks.FirstPlace(Job, slice.Block) + slice.FirstRow) * Width, slice.Rows * Width);

    public override ReadOnlySpan<float> Values(BlockSlice slice)
    {
        var rows = Enumerable.Range(slice.FirstRow, slice.Rows).ToArray();
        var values = new float[checked(rows.Length * Width)];
        Coordinates.Get(LinearBlocks.FirstPlace(Job, slice.Block), rows, values, Form);
        return CoordinateState.IsFresh(values) ? [] : values;
    }

    public override void TakeUp() => Coordinates.Put(0, _densePlaces, _dense, Form);

    /// <summary>Lays out the bias and the numeric features' coordinates, as they are now, in <see cref="Dense"/>.</summary>
    public void LayOut() => Coordinates.Get(0, _densePlaces, _dense, Form);

    public override IWorkPush PushThrough(ParameterClient client, TableRows needs) => Form == CoordinateForm.State
        ? new CoordinatePush(this, client, needs)
        : new SlopePush(this, client, needs);

    public override void Dispose()
    {
    }
}

/// <summary>A category feature's coordinates.</summary>
sealed class LinearTable(LinearReplica replica, int block, int feature, int rows) : ReplicaTable(block, feature, rows, replica.Width)
{
    float[] _scratch = [];
    int[] _sorted = [];

    /// <summary>In their order, so that servers find them side by side.</summary>
    public override int Distinct(ReadOnlySpan<int> categories, Span<int> needed)
    {
        if (_sorted.Length < categories.Length)
        {
            _sorted = new int[categories.Length];
        }

        var sorted = _sorted.AsSpan(0, categories.Length);
        categories.CopyTo(sorted);
        sorted.Sort();
        var count = 0;
        foreach (var category in sorted)
        {
            if (count == 0 || needed[count - 1] != category)
            {
                needed[count++] = category;
            }
        }

        return count;
    }

    public override void Scatter(ReadOnlySpan<int> needed, int firstRow, FrameBuffer pulled, WireNumbers numbers) =>
        replica.Coordinates.Put(
            LinearBlocks.FirstPlace(replica.Job, Block) + firstRow, needed,
            WireFloats.Read(pulled, needed.Length * Width, numbers, ref _scratch), replica.Form);
}

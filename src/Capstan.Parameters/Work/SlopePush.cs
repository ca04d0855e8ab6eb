using System.Diagnostics;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A linear model's batch where workers do not wait for each other: gradients at the weights that were pulled, summed up by coordinate,
/// for the servers' FTRL. As a batch of one row, but that its gradients are added up first.
/// </summary>
sealed class SlopePush(LinearReplica replica, ParameterClient client, TableRows needs) : IWorkPush
{
    readonly LinearSums _sums = new(replica);
    readonly Dictionary<BlockSlice, HeldGradients> _held = [];

    public int PartRows => replica.Job.Training.BatchSize;

    public void Parts(TrainingBatch batch, long step, int firstPart, int parts, bool isEach) => throw new UnreachableException();

    public void Whole(TrainingBatch batch, long step)
    {
        var loss = _sums.Compute(batch);
        var weight = LinearSums.WeightOf(batch);
        var numbers = replica.Job.Numbers;
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            var frame = client.PushTo(shard);
            frame.Write(loss);
            frame.Write(weight);
            frame.Write(replica.Slices[shard].Length);
            foreach (var slice in replica.Slices[shard])
            {
                frame.Write(slice.Block);
                if (replica.Blocks[slice.Block].Kind == BlockKind.Dense)
                {
                    frame.Write((int)GradientForm.Sum);
                    WireFloats.Write(frame, _sums.Dense(replica.SegmentOf(slice)), numbers);
                    continue;
                }

                frame.Write((int)GradientForm.Rows);
                var table = replica.TableOf(slice.Block);
                var rows = needs.Within(table, slice);
                var sums = _sums.Rows(batch, table, rows, slice.FirstRow);
                if (replica.Job.LeastGradient > 0)
                {
                    var held = HeldOf(slice);
                    held.Pass(rows, sums);
                    rows = held.Rows;
                    sums = held.Gradients;
                }

                client.WritePushedKeys(shard, slice.Block, rows);
                WireFloats.Write(frame, sums, numbers);
            }
        }
    }

    HeldGradients HeldOf(BlockSlice slice)
    {
        if (!_held.TryGetValue(slice, out var held))
        {
            _held.Add(slice, held = new HeldGradients(replica.Job.Loss.Output.Width, replica.Job.LeastGradient));
        }

        return held;
    }
}

/// <summary>Sums of a batch's gradients by coordinate of a linear model.</summary>
sealed class LinearSums(LinearReplica replica)
{
    readonly int _outputs = replica.Job.Loss.Output.Width;
    readonly float[] _dense = new float[(1 + replica.Job.Features.Numerics.Length) * replica.Job.Loss.Output.Width];
    float[] _slopes = [];
    float[] _rows = [];

    /// <summary>Computes all rows' slopes, and the sums of the bias and the numeric features.</summary>
    /// <returns>Σ weight × loss.</returns>
    public double Compute(TrainingBatch batch)
    {
        if (_slopes.Length < batch.RowCount * _outputs)
        {
            _slopes = new float[batch.RowCount * _outputs];
        }

        var slopes = _slopes.AsSpan(0, batch.RowCount * _outputs);
        var loss = replica.Coordinates.Slopes(batch, slopes);
        Array.Clear(_dense);
        for (var row = 0; row < batch.RowCount; row++)
        {
            Data.ElementKernels.Add(slopes.Slice(row * _outputs, _outputs), _dense.AsSpan(0, _outputs));
        }

        for (var feature = 0; feature < replica.Job.Features.Numerics.Length; feature++)
        {
            var values = batch.Features.Numeric(feature);
            var sums = _dense.AsSpan((1 + feature) * _outputs, _outputs);
            for (var row = 0; row < batch.RowCount && feature != replica.Coordinates.Offset; row++)
            {
                Data.ElementKernels.AddScaled(values[row], slopes.Slice(row * _outputs, _outputs), sums);
            }
        }

        return loss;
    }

    public ReadOnlySpan<float> Dense(DenseSegment segment) => _dense.AsSpan(segment.Offset, segment.Length);

    /// <summary>The sums of some of a table's rows.</summary>
    /// <param name="rows">In their order; counted from a first.</param>
    public ReadOnlySpan<float> Rows(TrainingBatch batch, ReplicaTable table, ReadOnlySpan<int> rows, int firstRow)
    {
        if (_rows.Length < rows.Length * _outputs)
        {
            _rows = new float[2 * rows.Length * _outputs];
        }

        var sums = _rows.AsSpan(0, rows.Length * _outputs);
        sums.Clear();
        var categories = batch.Features.Category(table.Feature);
        for (var row = 0; row < categories.Length; row++)
        {
            if (rows.BinarySearch(categories[row] - firstRow) is >= 0 and var place)
            {
                Data.ElementKernels.Add(_slopes.AsSpan(row * _outputs, _outputs), sums.Slice(place * _outputs, _outputs));
            }
        }

        return sums;
    }

    public static double WeightOf(TrainingBatch batch)
    {
        var sum = 0.0;
        foreach (var weight in batch.Weights)
        {
            sum += weight;
        }

        return sum;
    }
}

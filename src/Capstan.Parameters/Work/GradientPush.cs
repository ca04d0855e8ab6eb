using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// Computes the gradients of some parts of a batch and writes them into the pushes to all shards: summed up where they are the
/// first parts of their batch, since sums begin there anyway, else part by part and row by row, for the servers to add up in
/// the batch's order.
/// </summary>
sealed class GradientPush(NetworkReplica replica, ParameterClient client) : IPartSink, IWorkPush
{
    readonly int[] _sectionStarts = new int[replica.Slices.Length];
    int[] _keys = [];
    int[] _places = [];
    TrainingBatch? _batch;

    // By table, where small gradients are held back.
    readonly Dictionary<int, HeldGradients> _held = replica.Job.LeastGradient > 0
        ? replica.Tables.ToDictionary(table => table.Block, table => new HeldGradients(table.Width, replica.Job.LeastGradient))
        : [];

    public int PartRows => ForwardPass.MaxRows;

    public void Sum(TrainingBatch batch, long step, int parts)
    {
        var rows = Math.Min(parts * ForwardPass.MaxRows, batch.RowCount);
        var loss = Compute(batch, step, 0, rows, null);
        var gradients = replica.Network.Gradients;
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            client.PushTo(shard).Write(1);
            BeginSection(shard, 0, parts);
            WriteSums(shard, gradients, loss, WeightOf(batch, 0, rows));
            EndSection(shard);
        }
    }

    public void Each(TrainingBatch batch, long step, int firstPart, int parts)
    {
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            client.PushTo(shard).Write(parts);
        }

        var first = firstPart * ForwardPass.MaxRows;
        Compute(batch, step, first, Math.Min(first + parts * ForwardPass.MaxRows, batch.RowCount), this);
    }

    public void Whole(TrainingBatch batch, long step)
    {
        var loss = Compute(batch, step, 0, batch.RowCount, null);
        foreach (var (block, held) in _held)
        {
            var sums = replica.TableOf(block).Gradients;
            held.Pass(sums.Touched, sums.Gradients);
        }

        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            WriteSums(shard, replica.Network.Gradients, loss, WeightOf(batch, 0, batch.RowCount));
        }
    }

    void IPartSink.Take(int firstRow, int rows, double loss, BackwardPass backward)
    {
        var (batch, learner) = (_batch!, replica.Network); // it is being computed
        learner.ClearOffset(backward.Gradients);
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            var frame = client.PushTo(shard);
            BeginSection(shard, firstRow / ForwardPass.MaxRows, 1);
            frame.Write(loss);
            frame.Write(WeightOf(batch, firstRow, rows));
            frame.Write(replica.Slices[shard].Length);
            foreach (var slice in replica.Slices[shard])
            {
                frame.Write(slice.Block);
                if (replica.Blocks[slice.Block].Kind == BlockKind.Keyed)
                {
                    WriteRows(shard, slice, firstRow, rows, backward);
                }
                else if (slice.Block == replica.WideNumericsBlock)
                {
                    WriteProducts(frame, slice, firstRow, rows, backward);
                }
                else
                {
                    var segment = replica.SegmentOf(slice);
                    frame.Write((int)GradientForm.Sum);
                    frame.Write<float>(backward.Gradients.Values.Slice(segment.Offset, segment.Length));
                }
            }

            EndSection(shard);
        }
    }

    double Compute(TrainingBatch batch, long step, int firstRow, int endRow, IPartSink? sink)
    {
        _batch = batch;
        var (learner, loss) = (replica.Network, 0.0);
        learner.Gradients.Compute(batch, learner.Embeddings, learner.Layers, step + 1, firstRow, endRow, sink, ref loss);
        if (sink is null)
        {
            learner.ClearOffset(learner.Gradients.Layers);
        }

        return loss;
    }

    void WriteSums(int shard, BatchGradients gradients, double loss, double weightSum)
    {
        var (frame, numbers) = (client.PushTo(shard), replica.Job.Numbers);
        frame.Write(loss);
        frame.Write(weightSum);
        var layers = replica.LayersOf(shard);
        frame.Write((layers.Length > 0 ? 1 : 0) + replica.Slices[shard].Count(slice => !replica.IsLayer(slice)));
        foreach (var slice in replica.Slices[shard].Where(slice => !replica.IsLayer(slice)))
        {
            frame.Write(slice.Block);
            if (replica.Blocks[slice.Block].Kind == BlockKind.Keyed)
            {
                WriteTouched(shard, slice, numbers);
                continue;
            }

            var segment = replica.SegmentOf(slice);
            frame.Write((int)GradientForm.Sum);
            WireFloats.Write(frame, gradients.Wide!.NumericGradients.Slice(segment.Offset, segment.Length), numbers); // it is no layer
        }

        // Last, so that they can be sent from where they are.
        if (layers.Length > 0)
        {
            frame.Write(ShardState.AllLayers);
            client.PushLayers(shard, gradients.Layers.Values.Slice(layers.Offset, layers.Length));
        }
    }

    void WriteTouched(int shard, BlockSlice slice, WireNumbers numbers)
    {
        var (frame, table) = (client.PushTo(shard), replica.TableOf(slice.Block));
        frame.Write((int)GradientForm.Rows);
        var touched = table.Gradients.Touched;
        ReadOnlySpan<float> gradients = table.Gradients.Gradients;
        if (_held.TryGetValue(slice.Block, out var held))
        {
            touched = held.Rows;
            gradients = held.Gradients;
        }

        if (slice.FirstRow == 0 && slice.Rows == table.Rows)
        {
            client.WritePushedKeys(shard, slice.Block, touched);
            WireFloats.Write(frame, gradients, numbers);
            return;
        }

        var count = Select(touched, slice);
        client.WritePushedKeys(shard, slice.Block, _keys.AsSpan(0, count));
        foreach (var place in _places.AsSpan(0, count))
        {
            WireFloats.Write(frame, gradients.Slice(place * table.Width, table.Width), numbers);
        }
    }

    void WriteRows(int shard, BlockSlice slice, int firstRow, int rows, BackwardPass backward)
    {
        var (frame, table) = (client.PushTo(shard), replica.TableOf(slice.Block));
        frame.Write((int)GradientForm.Rows);
        var count = Select(_batch!.Features.Category(table.Feature).Slice(firstRow, rows), slice); // it is being computed
        client.WritePushedKeys(shard, slice.Block, _keys.AsSpan(0, count));
        var source = table.Column < 0 ? backward.ScoreGradients(rows) : backward.EmbeddedGradients(rows);
        var target = frame.AppendSpan<float>(count * table.Width);
        for (var index = 0; index < count; index++)
        {
            source.Values.Slice(_places[index] * source.RowStride + Math.Max(0, table.Column), table.Width).CopyTo(target[(index * table.Width)..]);
        }
    }

    void WriteProducts(FrameBuffer frame, BlockSlice slice, int firstRow, int rows, BackwardPass backward)
    {
        frame.Write((int)GradientForm.Products);
        frame.Write(rows);
        for (var feature = slice.FirstRow; feature < slice.EndRow; feature++)
        {
            frame.Write<float>(_batch!.Features.Numeric(feature).Slice(firstRow, rows)); // it is being computed
        }

        var source = backward.ScoreGradients(rows);
        var width = replica.Blocks[slice.Block].Width;
        for (var row = 0; row < rows; row++)
        {
            frame.Write<float>(source.Values.Slice(row * source.RowStride, width));
        }
    }

    /// <summary>Of some rows of a table those in a slice, counted from the slice's first, with their places among all.</summary>
    int Select(ReadOnlySpan<int> rows, BlockSlice slice)
    {
        if (_keys.Length < rows.Length)
        {
            (_keys, _places) = (new int[rows.Length], new int[rows.Length]);
        }

        var count = 0;
        for (var place = 0; place < rows.Length; place++)
        {
            if (rows[place] >= slice.FirstRow && rows[place] < slice.EndRow)
            {
                (_keys[count], _places[count]) = (rows[place] - slice.FirstRow, place);
                count++;
            }
        }

        return count;
    }

    void BeginSection(int shard, int firstPart, int parts)
    {
        var frame = client.PushTo(shard);
        frame.Write(firstPart);
        frame.Write(parts);
        frame.Write(0);
        _sectionStarts[shard] = frame.Length;
    }

    void EndSection(int shard)
    {
        var frame = client.PushTo(shard);
        frame.Patch(_sectionStarts[shard] - sizeof(int), frame.Length - _sectionStarts[shard] + client.LayerBytesToPush(shard));
    }

    static double WeightOf(TrainingBatch batch, int firstRow, int rows)
    {
        var sum = 0.0;
        foreach (var weight in batch.Weights.Slice(firstRow, rows))
        {
            sum += weight;
        }

        return sum;
    }
}

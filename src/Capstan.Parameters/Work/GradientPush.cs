using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// Computes the gradients of some parts of a batch and writes them into the pushes to all shards: summed up by the nodes of <see cref="PartTree"/> that
/// the parts make up, for the servers to put together.
/// </summary>
sealed class GradientPush(NetworkReplica replica, ParameterClient client) : INodeSink, IWorkPush
{
    readonly int[] _sectionStarts = new int[replica.Slices.Length];
    int[] _keys = [];
    int[] _places = [];
    TrainingBatch? _batch;
    int _endPart;

    // By table, where small gradients are held back.
    readonly Dictionary<int, HeldGradients> _held = replica.Job.LeastGradient > 0
        ? replica.Tables.ToDictionary(table => table.Block, table => new HeldGradients(table.Width, replica.Job.LeastGradient))
        : [];

    public int PartRows => ForwardPass.MaxRows;

    public void Parts(TrainingBatch batch, long step, int firstPart, int parts, bool isEach)
    {
        (_batch, _endPart) = (batch, firstPart + parts);
        var nodes = isEach ? parts : NodesOf(firstPart, _endPart, (batch.RowCount + PartRows - 1) / PartRows);
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            client.PushTo(shard).Write(nodes);
        }

        var learner = replica.Network;
        learner.Gradients.Compute(batch, learner.Embeddings, learner.Layers, step + 1, firstPart, _endPart, isEach, this);
    }

    public void Whole(TrainingBatch batch, long step)
    {
        var learner = replica.Network;
        var loss = learner.Gradients.Compute(batch, learner.Embeddings, learner.Layers, step + 1);
        learner.ClearOffset(learner.Gradients.Layers);
        foreach (var (block, held) in _held)
        {
            var sums = replica.TableOf(block).Gradients;
            held.Pass(sums.Touched, sums.Gradients);
        }

        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            client.PushTo(shard).Write(loss);
            client.PushTo(shard).Write(WeightOf(batch, 0, batch.RowCount));
            WriteSums(shard, learner.Gradients, isLast: true);
        }
    }

    void INodeSink.Take(int firstPart, int parts)
    {
        var (batch, learner) = (_batch!, replica.Network); // it is being computed
        learner.ClearOffset(learner.Gradients.Layers);
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            var frame = client.PushTo(shard);
            BeginSection(shard, firstPart, parts);
            for (var part = firstPart; part < firstPart + parts; part++)
            {
                var first = part * PartRows;
                frame.Write(learner.Gradients.PartLosses[part]);
                frame.Write(WeightOf(batch, first, Math.Min(PartRows, batch.RowCount - first)));
            }

            WriteSums(shard, learner.Gradients, firstPart + parts == _endPart);
            EndSection(shard);
        }
    }

    /// <param name="isLast">Nothing more is computed before this is pushed.</param>
    void WriteSums(int shard, BatchGradients gradients, bool isLast)
    {
        var (frame, numbers) = (client.PushTo(shard), replica.Job.Numbers);
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
            var sums = gradients.Layers.Values.Slice(layers.Offset, layers.Length);
            if (isLast)
            {
                client.PushLayers(shard, sums);
            }
            else
            {
                WireFloats.Write(frame, sums, numbers);
            }
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

    static int NodesOf(int first, int end, int parts)
    {
        var nodes = 0;
        while (first < end)
        {
            first += PartTree.NodeAt(first, end, parts);
            nodes++;
        }

        return nodes;
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

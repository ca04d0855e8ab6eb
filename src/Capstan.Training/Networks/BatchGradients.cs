using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The gradients of a batch: its rows in parts of <see cref="ForwardPass.MaxRows"/>, each on whatever thread is free, their sums put
/// together in the order of <see cref="PartTree"/>. So the bits follow from the batch alone, whatever the number of threads, and whoever computed which parts.
/// </summary>
/// <remarks>
/// Parts are computed in waves of two for each thread, so that memory grows with the logarithm of the batch's parts alone. Of each wave first the parts are
/// computed side by side; then what they add to (all weights, each embedding table, the wide part) is summed up side by side.
/// </remarks>
sealed class BatchGradients
{
    readonly DnnShape _shape;
    readonly NetworkLoss _loss;
    readonly EmbeddingTable[] _tables;
    readonly WidePart? _wide;
    readonly OffsetPart? _offset;
    readonly WorkCrew _crew;
    readonly Part[] _parts;
    readonly TransposedLayers _transposed;
    readonly DenseLayers _sums;
    readonly PartSums _layerSums;
    readonly int[] _columns;
    readonly Action<int> _computePart;
    readonly Action<int> _sumUp;

    TrainingBatch _batch;
    float[] _embeddings;
    DenseLayers _layers;
    double[] _losses = [];
    int _waveFirst;
    int _waveParts;
    int _segmentFirst;
    int _segmentEnd;
    bool _isLastSegment;

    /// <param name="slopes">Makes what each part needs of slopes and dropout, or null.</param>
    public BatchGradients(
        DnnShape shape, NetworkLoss loss, EmbeddingTable[] tables, WidePart? wide, OffsetPart? offset, WorkCrew crew,
        Func<LayerSlopes?> slopes)
    {
        (_shape, _loss, _tables, _wide, _offset, _crew) = (shape, loss, tables, wide, offset, crew);
        _parts = [.. Enumerable.Range(0, crew.Threads == 1 ? 1 : 2 * crew.Threads).Select(_ => new Part(shape, slopes()))];
        (_transposed, _sums) = (new TransposedLayers(shape), new DenseLayers(shape));
        _layerSums = new PartSums(_sums.Values.Length);
        _columns = new int[tables.Length];
        for (var index = 1; index < tables.Length; index++)
        {
            _columns[index] = _columns[index - 1] + tables[index - 1].Dimension;
        }

        (_computePart, _sumUp) = (ComputePart, SumUp);
        (_batch, _embeddings, _layers) = (new TrainingBatch(shape.Features), [], _sums);
        Layers = _sums;
    }

    /// <summary>The gradients of weights and biases; the tables and the wide part hold their own.</summary>
    public DenseLayers Layers { get; private set; }

    /// <summary>What the features that are wide have weights in; null without a wide part.</summary>
    public WidePart? Wide => _wide;

    public ReadOnlySpan<EmbeddingTable> Tables => _tables;

    /// <summary>[tables]: where each feature's embedding begins in the embedded width.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <summary>[parts]: Σ weight × loss of each part that was computed last, in its place among the batch's.</summary>
    public ReadOnlySpan<double> PartLosses => _losses;

    /// <param name="batchNumber">What dropout draws by.</param>
    /// <returns>Σ weight × loss of all rows.</returns>
    public double Compute(TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber)
    {
        var parts = PartsOf(batch.RowCount);
        Begin(batch, embeddings, layers, batchNumber);
        for (var first = 0; first < parts; first += _waveParts)
        {
            Wave(first, parts);
            AddUp(first, first + _waveParts, parts);
        }

        var loss = 0.0;
        foreach (var part in _losses.AsSpan(0, parts))
        {
            loss += part;
        }

        return loss;
    }

    /// <summary>Some parts of a batch only, summed up as far as they can be without the others: by nodes of <see cref="PartTree"/>.</summary>
    /// <param name="sink">Given the nodes one after another.</param>
    /// <param name="isEach">Not summed up at all: by parts.</param>
    public void Compute(
        TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber, int firstPart, int endPart, bool isEach, INodeSink sink)
    {
        var parts = PartsOf(batch.RowCount);
        Begin(batch, embeddings, layers, batchNumber);
        var (node, nodeEnd) = (firstPart, firstPart);
        for (var first = firstPart; first < endPart; first += _waveParts)
        {
            Wave(first, endPart);
            for (var from = first; from < first + _waveParts;)
            {
                if (from == nodeEnd)
                {
                    (node, nodeEnd) = (from, from + (isEach ? 1 : PartTree.NodeAt(from, endPart, parts)));
                    BeginSums();
                }

                var end = Math.Min(nodeEnd, first + _waveParts);
                AddUp(from, end, nodeEnd);
                from = end;
                if (end == nodeEnd)
                {
                    sink.Take(node, nodeEnd - node);
                }
            }
        }
    }

    void Begin(TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber)
    {
        (_batch, _embeddings, _layers) = (batch, embeddings, layers);
        _transposed.CopyFrom(layers);
        foreach (var part in _parts)
        {
            part.Forward.Slopes?.BeginStep(batchNumber);
        }

        if (_losses.Length < PartsOf(batch.RowCount))
        {
            _losses = new double[PartsOf(batch.RowCount)];
        }

        Layers = batch.RowCount <= ForwardPass.MaxRows ? _parts[0].Backward.Gradients : _sums;
        BeginSums();
    }

    void BeginSums()
    {
        _layerSums.Begin();
        _wide?.Begin(_batch.RowCount);
        foreach (var table in _tables)
        {
            table.Begin(_batch.RowCount);
        }
    }

    void Wave(int first, int endPart)
    {
        (_waveFirst, _waveParts) = (first, Math.Min(_parts.Length, endPart - first));
        _crew.Run(_waveParts, _computePart);
        for (var index = 0; index < _waveParts; index++)
        {
            _losses[first + index] = _parts[index].Loss;
        }
    }

    /// <summary>Adds some of a wave's parts to all sums.</summary>
    /// <param name="last">Behind the last part of the sums.</param>
    void AddUp(int first, int end, int last)
    {
        (_segmentFirst, _segmentEnd, _isLastSegment) = (first, end, end == last);
        _crew.Run(_tables.Length + 2, _sumUp);
    }

    void ComputePart(int index)
    {
        var part = _parts[index];
        var (first, rows) = RowsOf(_waveFirst + index);
        part.Forward.Run(_batch.Features, first, rows, _embeddings, _layers);
        var outputs = part.Forward.Output(_shape.LayerCount - 1, rows);
        _wide?.AddScores(_batch.Features, first, rows, outputs);
        _offset?.AddScores(_batch.Features, first, rows, outputs);
        part.Loss = _loss.Evaluate(
            outputs,
            _batch.Labels.Slice(first, rows),
            _batch.Weights.Slice(first, rows),
            1f / _batch.RowCount,
            part.Backward.ScoreGradients(rows));
        part.Backward.Run(part.Forward, rows, _layers, _transposed);
    }

    /// <summary>Adds the parts of a segment, in their order, to one of the sums.</summary>
    /// <param name="sum">A table's index; then the weights and biases, and the wide part.</param>
    void SumUp(int sum)
    {
        for (var part = _segmentFirst; part < _segmentEnd; part++)
        {
            var (first, rows) = RowsOf(part);
            var backward = _parts[part - _waveFirst].Backward;
            if (sum < _tables.Length)
            {
                _tables[sum].AddGradients(
                    _batch.Features.Category(sum).Slice(first, rows), backward.EmbeddedGradients(rows), _columns[sum], part);
            }
            else if (sum > _tables.Length)
            {
                _wide?.AddGradients(_batch.Features, first, rows, backward.ScoreGradients(rows), part);
            }
            else if (Layers == _sums)
            {
                AddLayers(backward.Gradients.Values, part);
            }
        }

        if (_isLastSegment)
        {
            Finish(sum);
        }
    }

    void AddLayers(ReadOnlySpan<float> gradients, int part)
    {
        var target = _layerSums.Next(_sums.Values, part, 0, out var isAdded);
        PartSums.Put(gradients, target, isAdded);
    }

    void Finish(int sum)
    {
        if (sum < _tables.Length)
        {
            _tables[sum].Finish();
        }
        else if (sum > _tables.Length)
        {
            _wide?.Finish();
        }
        else
        {
            _layerSums.Finish(_sums.Values);
        }
    }

    (int First, int Rows) RowsOf(int part)
    {
        var first = part * ForwardPass.MaxRows;
        return (first, Math.Min(ForwardPass.MaxRows, _batch.RowCount - first));
    }

    static int PartsOf(int rows) => (rows + ForwardPass.MaxRows - 1) / ForwardPass.MaxRows;

    sealed class Part(DnnShape shape, LayerSlopes? slopes)
    {
        public ForwardPass Forward { get; } = new(shape, slopes);

        public BackwardPass Backward { get; } = new(shape);

        public double Loss { get; set; }
    }
}

/// <summary>Takes the sums of one node of <see cref="PartTree"/> after another, where they are put together elsewhere.</summary>
interface INodeSink
{
    /// <summary>The gradients of some parts are summed up: until the call returns, those of the last ones until something else is computed.</summary>
    void Take(int firstPart, int parts);
}

using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The gradients of a batch: its rows in parts of <see cref="ForwardPass.MaxRows"/>, each on whatever thread is free, their sums put
/// together in the parts' order. So the bits follow from the batch alone, whatever the number of threads.
/// </summary>
/// <remarks>
/// Parts are computed in waves of two for each thread, so that memory does not grow with the batch. Of each wave first the parts are
/// computed side by side; then what they add to (all weights, each embedding table, the wide part) is summed up side by side, each
/// in the order of the parts.
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
    readonly int[] _columns;
    readonly Action<int> _computePart;
    readonly Action<int> _sumUp;

    TrainingBatch _batch;
    float[] _embeddings;
    DenseLayers _layers;
    int _waveFirst;
    int _waveParts;

    /// <param name="slopes">Makes what each part needs of slopes and dropout, or null.</param>
    public BatchGradients(
        DnnShape shape, NetworkLoss loss, EmbeddingTable[] tables, WidePart? wide, OffsetPart? offset, WorkCrew crew,
        Func<LayerSlopes?> slopes)
    {
        (_shape, _loss, _tables, _wide, _offset, _crew) = (shape, loss, tables, wide, offset, crew);
        _parts = [.. Enumerable.Range(0, crew.Threads == 1 ? 1 : 2 * crew.Threads).Select(_ => new Part(shape, slopes()))];
        (_transposed, _sums) = (new TransposedLayers(shape), new DenseLayers(shape));
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

    /// <param name="batchNumber">What dropout draws by.</param>
    /// <returns>Σ weight × loss of all rows.</returns>
    public double Compute(TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber)
    {
        (_batch, _embeddings, _layers) = (batch, embeddings, layers);
        _transposed.CopyFrom(layers);
        _wide?.Begin(batch.RowCount);
        foreach (var table in _tables)
        {
            table.Begin(batch.RowCount);
        }

        foreach (var part in _parts)
        {
            part.Forward.Slopes?.BeginStep(batchNumber);
        }

        var isWhole = batch.RowCount <= ForwardPass.MaxRows;
        Layers = isWhole ? _parts[0].Backward.Gradients : _sums;
        if (!isWhole)
        {
            _sums.Values.Clear();
        }

        var loss = 0.0;
        for (_waveFirst = 0; _waveFirst < batch.RowCount; _waveFirst += _waveParts * ForwardPass.MaxRows)
        {
            var left = (batch.RowCount - _waveFirst + ForwardPass.MaxRows - 1) / ForwardPass.MaxRows;
            _waveParts = Math.Min(_parts.Length, left);
            _crew.Run(_waveParts, _computePart);
            _crew.Run(_tables.Length + 2, _sumUp);
            for (var index = 0; index < _waveParts; index++)
            {
                loss += _parts[index].Loss;
            }
        }

        return loss;
    }

    void ComputePart(int index)
    {
        var part = _parts[index];
        var (first, rows) = RowsOf(index);
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

    /// <summary>Adds a wave's parts, in their order, to one of the sums.</summary>
    /// <param name="sum">A table's index; then the weights and biases, and the wide part.</param>
    void SumUp(int sum)
    {
        for (var index = 0; index < _waveParts; index++)
        {
            var (first, rows) = RowsOf(index);
            var backward = _parts[index].Backward;
            if (sum < _tables.Length)
            {
                _tables[sum].AddGradients(
                    _batch.Features.Category(sum).Slice(first, rows), backward.EmbeddedGradients(rows), _columns[sum]);
            }
            else if (sum > _tables.Length)
            {
                _wide?.AddGradients(_batch.Features, first, rows, backward.ScoreGradients(rows));
            }
            else if (Layers == _sums)
            {
                ElementKernels.Add(backward.Gradients.Values, _sums.Values);
            }
        }
    }

    (int First, int Rows) RowsOf(int part)
    {
        var first = _waveFirst + part * ForwardPass.MaxRows;
        return (first, Math.Min(ForwardPass.MaxRows, _batch.RowCount - first));
    }

    sealed class Part(DnnShape shape, LayerSlopes? slopes)
    {
        public ForwardPass Forward { get; } = new(shape, slopes);

        public BackwardPass Backward { get; } = new(shape);

        public double Loss { get; set; }
    }
}

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

    /// <summary>What the features that are wide have weights in; null without a wide part.</summary>
    public WidePart? Wide => _wide;

    public ReadOnlySpan<EmbeddingTable> Tables => _tables;

    /// <summary>[tables]: where each feature's embedding begins in the embedded width.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <param name="batchNumber">What dropout draws by.</param>
    /// <returns>Σ weight × loss of all rows.</returns>
    public double Compute(TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber)
    {
        var loss = 0.0;
        Compute(batch, embeddings, layers, batchNumber, 0, batch.RowCount, null, ref loss);
        return loss;
    }

    /// <summary>Some parts of a batch only.</summary>
    /// <param name="firstRow">A multiple of <see cref="ForwardPass.MaxRows"/>.</param>
    /// <param name="endRow">Another, or the end of the batch.</param>
    /// <param name="sink">Given the parts one by one, which are not summed up then; null sums them up, as always.</param>
    /// <param name="loss">Σ weight × loss of each part is added in their order.</param>
    public void Compute(
        TrainingBatch batch, float[] embeddings, DenseLayers layers, long batchNumber, int firstRow, int endRow, IPartSink? sink, ref double loss)
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

        for (_waveFirst = firstRow; _waveFirst < endRow; _waveFirst += _waveParts * ForwardPass.MaxRows)
        {
            var left = (endRow - _waveFirst + ForwardPass.MaxRows - 1) / ForwardPass.MaxRows;
            _waveParts = Math.Min(_parts.Length, left);
            _crew.Run(_waveParts, _computePart);
            if (sink is null)
            {
                _crew.Run(_tables.Length + 2, _sumUp);
            }

            for (var index = 0; index < _waveParts; index++)
            {
                loss += _parts[index].Loss;
                if (sink is not null)
                {
                    var (first, rows) = RowsOf(index);
                    sink.Take(first, rows, _parts[index].Loss, _parts[index].Backward);
                }
            }
        }
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

/// <summary>Takes the gradients of one part of a batch after another, in their order, where they are put together elsewhere.</summary>
interface IPartSink
{
    /// <param name="loss">Σ weight × loss of the part.</param>
    /// <param name="backward">Holds the part's gradients until the call returns.</param>
    void Take(int firstRow, int rows, double loss, BackwardPass backward);
}

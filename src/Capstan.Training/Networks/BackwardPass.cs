using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Carries the gradient of the loss from a network's output back to its weights, biases and embeddings, for the rows of one
/// <see cref="ForwardPass"/> at a time. Sums run over rows in their order, so a batch's gradient does not depend on how
/// it is cut.
/// </summary>
sealed class BackwardPass
{
    readonly DnnShape _shape;
    readonly AlignedBuffer[] _outputGradients;
    readonly AlignedBuffer[] _transposed;
    readonly AlignedBuffer _embeddedGradients;

    public BackwardPass(DnnShape shape)
    {
        _shape = shape;
        _outputGradients = ForwardPass.CreateOutputs(shape);
        _embeddedGradients = new AlignedBuffer(ForwardPass.MaxRows * EmbeddedStride);
        _transposed = [.. Enumerable.Range(0, shape.LayerCount)
            .Select(layer => new AlignedBuffer(checked(shape.Outputs(layer) * TransposedWidth(layer))))];
        Gradients = new DenseLayers(shape);
    }

    /// <summary>The sums so far of the gradients of weights and biases.</summary>
    public DenseLayers Gradients { get; }

    /// <summary>The first columns take the gradient of the loss with respect to the scores.</summary>
    public MatrixSpan ScoreGradients(int rows) => OutputGradients(_shape.LayerCount - 1, rows);

    /// <summary>Forgets all sums and prepares for the parameters of this step.</summary>
    public void Begin(DenseLayers layers)
    {
        Gradients.Values.Clear();
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            // Gradients of inputs are needed only where the inputs are learned: not for numeric features.
            var first = layer == 0 ? _shape.Features.Numerics.Length : 0;
            var count = _shape.Inputs(layer) - first;
            if (count > 0)
            {
                var weights = layers.WeightRows(layer, first, count);
                var used = new MatrixSpan(weights.Values, count, _shape.Outputs(layer), weights.RowStride, 1);
                MatrixKernels.Copy(
                    used.Transposed,
                    MatrixSpan.RowMajor(_transposed[layer].Span, _shape.Outputs(layer), count, TransposedWidth(layer)));
            }
        }
    }

    /// <summary>Adds the gradients of the rows now in <paramref name="forward"/>.</summary>
    /// <param name="features">The rows' features, of which categories are read from <paramref name="firstRow"/> on.</param>
    /// <param name="tables">[category features] where the gradients of embeddings are added.</param>
    public void Run(ForwardPass forward, FeatureBuffer features, int firstRow, int rows, EmbeddingTable[] tables)
    {
        for (var layer = _shape.LayerCount - 1; layer > 0; layer--)
        {
            AddWeightGradients(layer, 0, forward.Activations(layer - 1, rows), rows);
            var sums = UnpaddedGradients(layer, rows);
            var inputs = OutputGradients(layer - 1, rows);
            if (forward.Slopes is { } slopes)
            {
                var length = rows * inputs.RowStride;
                MatrixKernels.Multiply(sums, Transposed(layer), inputs);
                ElementKernels.Multiply(slopes.Of(layer - 1, rows).Values[..length], inputs.Values[..length]);
            }
            else if (_shape.Activation == Activation.Relu)
            {
                MatrixKernels.MultiplyThroughRelu(sums, Transposed(layer), forward.Output(layer - 1, rows), inputs);
            }
            else
            {
                MatrixKernels.Multiply(sums, Transposed(layer), inputs);
            }
        }

        AddWeightGradients(0, 0, forward.Numerics(rows), rows);
        if (_shape.EmbeddedWidth > 0)
        {
            AddWeightGradients(0, _shape.Features.Numerics.Length, forward.Embedded(rows), rows);
            AddEmbeddingGradients(features, firstRow, rows, tables);
        }

        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            MatrixKernels.AddColumnSums(OutputGradients(layer, rows), Gradients.Bias(layer));
        }
    }

    void AddWeightGradients(int layer, int firstInput, MatrixSpan inputs, int rows) => MatrixKernels.Accumulate(
        inputs.Transposed,
        OutputGradients(layer, rows),
        Activation.Identity,
        Gradients.WeightRows(layer, firstInput, inputs.Columns));

    void AddEmbeddingGradients(FeatureBuffer features, int firstRow, int rows, EmbeddingTable[] tables)
    {
        var gradients = MatrixSpan.RowMajor(_embeddedGradients.Span, rows, TransposedWidth(0), EmbeddedStride);
        MatrixKernels.Multiply(UnpaddedGradients(0, rows), Transposed(0), gradients);
        var column = 0;
        for (var feature = 0; feature < tables.Length; feature++)
        {
            tables[feature].AddGradients(features.Category(feature).Slice(firstRow, rows), gradients, column);
            column += tables[feature].Dimension;
        }
    }

    // With respect to a layer's sums, before its activation.
    MatrixSpan OutputGradients(int layer, int rows) => ForwardPass.Output(_outputGradients, _shape, layer, rows);

    MatrixSpan UnpaddedGradients(int layer, int rows)
    {
        var padded = OutputGradients(layer, rows);
        return MatrixSpan.RowMajor(padded.Values, rows, _shape.Outputs(layer), padded.RowStride);
    }

    // [outputs × learned inputs with padding].
    MatrixSpan Transposed(int layer) =>
        MatrixSpan.RowMajor(_transposed[layer].Span, _shape.Outputs(layer), TransposedWidth(layer), TransposedWidth(layer));

    int TransposedWidth(int layer) => MatrixKernels.PaddedWidth(layer == 0 ? _shape.EmbeddedWidth : _shape.Inputs(layer));

    int EmbeddedStride => MatrixKernels.PaddedStride(_shape.EmbeddedWidth);
}

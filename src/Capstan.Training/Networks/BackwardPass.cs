using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Carries the gradient of the loss from a network's output back to its weights, biases and embeddings, for the rows of one
/// <see cref="ForwardPass"/>. Sums run over rows in their order. Not thread-safe; several read the same transposed weights.
/// </summary>
sealed class BackwardPass
{
    readonly DnnShape _shape;
    readonly AlignedBuffer[] _outputGradients;
    readonly AlignedBuffer _embeddedGradients;

    public BackwardPass(DnnShape shape)
    {
        _shape = shape;
        _outputGradients = ForwardPass.CreateOutputs(shape);
        _embeddedGradients = new AlignedBuffer(ForwardPass.MaxRows * EmbeddedStride);
        Gradients = new DenseLayers(shape);
    }

    /// <summary>The gradients of weights and biases over the rows of the last run.</summary>
    public DenseLayers Gradients { get; }

    /// <summary>The first columns take the gradient of the loss with respect to the scores.</summary>
    public MatrixSpan ScoreGradients(int rows) => OutputGradients(_shape.LayerCount - 1, rows);

    /// <summary>[rows × embedded width with padding]: the gradients of the rows' embeddings, by the last run.</summary>
    public MatrixSpan EmbeddedGradients(int rows) => MatrixSpan.RowMajor(
        _embeddedGradients.Span, rows, MatrixKernels.PaddedWidth(_shape.EmbeddedWidth), EmbeddedStride);

    /// <summary>Computes the gradients of the rows now in <paramref name="forward"/>.</summary>
    /// <param name="layers">What the forward pass ran with.</param>
    public void Run(ForwardPass forward, int rows, DenseLayers layers, TransposedLayers transposed)
    {
        Gradients.Values.Clear();
        for (var layer = _shape.LayerCount - 1; layer > 0; layer--)
        {
            AddWeightGradients(layer, 0, forward.Activations(layer - 1, rows), rows);
            var sums = UnpaddedGradients(layer, rows);
            var inputs = OutputGradients(layer - 1, rows);
            if (forward.Slopes is { } slopes)
            {
                var length = rows * inputs.RowStride;
                MatrixKernels.Multiply(sums, transposed[layer], inputs);
                ElementKernels.Multiply(slopes.Of(layer - 1, rows).Values[..length], inputs.Values[..length]);
                forward.Normalization?.Reverse(layer - 1, layers, inputs, Gradients);
            }
            else if (_shape.Activation == Activation.Relu)
            {
                MatrixKernels.MultiplyThroughRelu(sums, transposed[layer], forward.Output(layer - 1, rows), inputs);
            }
            else
            {
                MatrixKernels.Multiply(sums, transposed[layer], inputs);
            }
        }

        AddWeightGradients(0, 0, forward.Numerics(rows), rows);
        if (_shape.EmbeddedWidth > 0)
        {
            AddWeightGradients(0, _shape.Features.Numerics.Length, forward.Embedded(rows), rows);
            MatrixKernels.Multiply(UnpaddedGradients(0, rows), transposed[0], EmbeddedGradients(rows));
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

    // With respect to a layer's sums, before its activation.
    MatrixSpan OutputGradients(int layer, int rows) => ForwardPass.Output(_outputGradients, _shape, layer, rows);

    MatrixSpan UnpaddedGradients(int layer, int rows)
    {
        var padded = OutputGradients(layer, rows);
        return MatrixSpan.RowMajor(padded.Values, rows, _shape.Outputs(layer), padded.RowStride);
    }

    int EmbeddedStride => MatrixKernels.PaddedStride(_shape.EmbeddedWidth);
}

using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// A network's weights transposed, as the backward pass reads them: made once for a step, and read by as many threads as like.
/// </summary>
sealed class TransposedLayers
{
    readonly DnnShape _shape;
    readonly AlignedBuffer[] _values;

    public TransposedLayers(DnnShape shape)
    {
        _shape = shape;
        _values = [.. Enumerable.Range(0, shape.LayerCount)
            .Select(layer => new AlignedBuffer(checked(shape.Outputs(layer) * Width(layer))))];
    }

    /// <summary>[outputs × learned inputs with padding].</summary>
    public MatrixSpan this[int layer] =>
        MatrixSpan.RowMajor(_values[layer].Span, _shape.Outputs(layer), Width(layer), Width(layer));

    /// <summary>The learned inputs of a layer, with padding: gradients of inputs are not needed for numeric features.</summary>
    public int Width(int layer) => MatrixKernels.PaddedWidth(layer == 0 ? _shape.EmbeddedWidth : _shape.Inputs(layer));

    public void CopyFrom(DenseLayers layers)
    {
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var first = layer == 0 ? _shape.Features.Numerics.Length : 0;
            var count = _shape.Inputs(layer) - first;
            if (count > 0)
            {
                var weights = layers.WeightRows(layer, first, count);
                var used = new MatrixSpan(weights.Values, count, _shape.Outputs(layer), weights.RowStride, 1);
                MatrixKernels.Copy(
                    used.Transposed, MatrixSpan.RowMajor(_values[layer].Span, _shape.Outputs(layer), count, Width(layer)));
            }
        }
    }
}

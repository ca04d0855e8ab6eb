using Capstan.Data;

namespace Capstan.Models;

/// <summary>
/// Weights and biases of a network's layers (or their gradients) as the kernels like them: outputs padded with zeros to whole
/// vectors, all in one flat aligned array, so that an optimizer can pass over everything at once. Padding stays 0 by itself: its
/// gradients are sums over zeros.
/// </summary>
sealed class DenseLayers
{
    readonly DnnShape _shape;
    readonly AlignedBuffer _values;
    readonly int[] _offsets;

    public DenseLayers(DnnShape shape)
    {
        _shape = shape;
        _offsets = new int[shape.LayerCount + 1];
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            _offsets[layer + 1] = checked(_offsets[layer] + shape.ParameterRows(layer) * Width(layer));
        }

        _values = new AlignedBuffer(_offsets[^1]);
    }

    /// <summary>All layers' numbers, padding included.</summary>
    public Span<float> Values => _values.Span;

    /// <summary>The outputs of a layer with their padding.</summary>
    public int Width(int layerIndex) => MatrixKernels.PaddedWidth(_shape.Outputs(layerIndex));

    /// <summary>[inputs × padded outputs].</summary>
    public MatrixSpan Weights(int layerIndex) => WeightRows(layerIndex, 0, _shape.Inputs(layerIndex));

    /// <summary>[count × padded outputs]: the weights of some of the inputs.</summary>
    public MatrixSpan WeightRows(int layerIndex, int firstInput, int count)
    {
        var width = Width(layerIndex);
        return MatrixSpan.RowMajor(Values.Slice(_offsets[layerIndex] + firstInput * width, count * width), count, width, width);
    }

    /// <summary>[padded outputs].</summary>
    public Span<float> Bias(int layerIndex) => Padded(layerIndex, _shape.Inputs(layerIndex));

    /// <summary>[padded outputs] of a normalised layer.</summary>
    public Span<float> Gain(int layerIndex) => Padded(layerIndex, _shape.Inputs(layerIndex) + 1);

    /// <summary>[padded outputs] of a normalised layer.</summary>
    public Span<float> Shift(int layerIndex) => Padded(layerIndex, _shape.Inputs(layerIndex) + 2);

    /// <summary>Takes the layers from parameters laid out as <see cref="DnnShape"/> says.</summary>
    public void CopyFrom(ReadOnlySpan<float> parameters)
    {
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var (outputs, offset) = (_shape.Outputs(layer), _shape.WeightOffset(layer));
            for (var input = 0; input < _shape.ParameterRows(layer); input++)
            {
                parameters.Slice(offset + input * outputs, outputs).CopyTo(Row(layer, input));
            }
        }
    }

    /// <summary>Writes the layers into parameters laid out as <see cref="DnnShape"/> says.</summary>
    public void CopyTo(Span<float> parameters)
    {
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var (outputs, offset) = (_shape.Outputs(layer), _shape.WeightOffset(layer));
            for (var input = 0; input < _shape.ParameterRows(layer); input++)
            {
                Row(layer, input).CopyTo(parameters.Slice(offset + input * outputs, outputs));
            }
        }
    }

    // Bias, gain and shift lie behind the weights like more rows, here as in the flat parameters.
    Span<float> Row(int layer, int row) => Padded(layer, row)[.._shape.Outputs(layer)];

    Span<float> Padded(int layer, int row) => Values.Slice(_offsets[layer] + row * Width(layer), Width(layer));
}

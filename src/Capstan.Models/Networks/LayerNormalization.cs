using Capstan.Data;

namespace Capstan.Models;

/// <summary>What is done to a hidden layer's sums before its activation. The numbers are written into artifacts and never
/// reused.</summary>
public enum Normalization : byte
{
    None = 0,

    /// <summary>A row's sums are moved and scaled to mean 0 and variance 1 over the layer's units, then by a gain and a shift
    /// for each unit.</summary>
    Layer = 1,
}

/// <summary>
/// Layer normalisation of some rows: <c>u = gain ⊙ (z − mean(z)) / √(var(z) + ε) + shift</c>, mean and variance over the units
/// of a row.
/// Rows do not meet, so a row has the same bits in any batch. For learning it keeps what its gradient needs. Not thread-safe.
/// </summary>
/// <remarks>
/// Sums run over the units in their order, in double precision. Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer
/// normalization",
/// arXiv:1607.06450 (2016), eq. 4; the variance is that of the row, Σ (z − mean)² / units, and ε is ONNX's.
/// </remarks>
sealed class LayerNormalization
{
    /// <summary>Keeps a row of equal sums from a division by 0.</summary>
    public const double Epsilon = 1e-5;

    readonly DnnShape _shape;
    readonly AlignedBuffer[]? _normalized;
    readonly double[][]? _inverseDeviations;

    /// <param name="learns">Whether gradients will be asked for.</param>
    public LayerNormalization(DnnShape shape, bool learns)
    {
        _shape = shape;
        if (learns)
        {
            _normalized = ForwardPass.CreateOutputs(shape);
            _inverseDeviations = [.. shape.HiddenUnits.Select(_ => new double[ForwardPass.MaxRows])];
        }
    }

    /// <summary>Normalises a hidden layer's sums in place.</summary>
    /// <param name="sums">[rows × units with padding], which stays as it is.</param>
    public void Apply(int layer, DenseLayers layers, MatrixSpan sums)
    {
        var units = _shape.Outputs(layer);
        var gain = layers.Gain(layer);
        var shift = layers.Shift(layer);
        for (var row = 0; row < sums.Rows; row++)
        {
            var own = sums.Values.Slice(row * sums.RowStride, units);
            var (mean, inverse) = MomentsOf(own);
            if (_normalized is not null)
            {
                _inverseDeviations![layer][row] = inverse; // made together
            }

            for (var unit = 0; unit < units; unit++)
            {
                var normalized = (float)((own[unit] - mean) * inverse);
                if (_normalized is not null)
                {
                    _normalized[layer].Span[row * sums.RowStride + unit] = normalized;
                }

                // A product and a sum, each rounded: no fused operation, which ONNX has not.
                var scaled = normalized * gain[unit];
                own[unit] = scaled + shift[unit];
            }
        }
    }

    /// <summary>From the gradients with respect to what <see cref="Apply"/> gave to those with respect to the sums, in
    /// place.</summary>
    /// <param name="gradients">[rows × units with padding], of the rows that were last normalised.</param>
    /// <param name="sums">Takes the gradients of gain and shift on top of what they hold.</param>
    public void Reverse(int layer, DenseLayers layers, MatrixSpan gradients, DenseLayers sums)
    {
        var units = _shape.Outputs(layer);
        var gain = layers.Gain(layer);
        var gainSums = sums.Gain(layer);
        var shiftSums = sums.Shift(layer);
        for (var row = 0; row < gradients.Rows; row++)
        {
            var own = gradients.Values.Slice(row * gradients.RowStride, units);
            var normalized = _normalized![layer].Span.Slice(row * gradients.RowStride, units); // learning keeps them
            var (mean, projection) = (0.0, 0.0);
            for (var unit = 0; unit < units; unit++)
            {
                gainSums[unit] += own[unit] * normalized[unit];
                shiftSums[unit] += own[unit];
                var through = (double)own[unit] * gain[unit];
                mean += through;
                projection += through * normalized[unit];
            }

            (mean, projection) = (mean / units, projection / units);
            for (var unit = 0; unit < units; unit++)
            {
                own[unit] = (float)(_inverseDeviations![layer][row] * ((double)own[unit] * gain[unit] - mean - normalized[unit] * projection));
            }
        }
    }

    static (double Mean, double InverseDeviation) MomentsOf(ReadOnlySpan<float> sums)
    {
        var mean = 0.0;
        foreach (var sum in sums)
        {
            mean += sum;
        }

        mean /= sums.Length;
        var squares = 0.0;
        foreach (var sum in sums)
        {
            squares += (sum - mean) * (sum - mean);
        }

        return (mean, 1 / Math.Sqrt(squares / sums.Length + Epsilon));
    }
}

using Capstan.Data;

namespace Capstan.Models;

/// <summary>
/// The slopes of a network's hidden layers, for learning, where they can't be told from the layers' outputs: d output / d sum
/// of each
/// unit, with what dropout makes of it. It also finishes those layers' outputs. Not thread-safe.
/// </summary>
/// <remarks>
/// Dropout multiplies a unit's output by 0, or by 1 / (1 − rate), at random for each row; prediction needs no correction then.
/// Which
/// units are dropped follows from the seed, the step, the layer and the row's place in its batch, and from nothing else.
/// Source: N. Srivastava et al., "Dropout", JMLR 15 (2014), in its inverted form.
/// </remarks>
sealed class LayerSlopes
{
    readonly DnnShape _shape;
    readonly AlignedBuffer[] _slopes;
    readonly uint _droppedBelow;
    readonly float _kept;
    readonly ulong _seed;
    ulong _step;

    /// <param name="dropout">From 0 to below 1.</param>
    public LayerSlopes(DnnShape shape, double dropout, ulong seed)
    {
        (_shape, _seed) = (shape, seed);
        _slopes = ForwardPass.CreateOutputs(shape);
        // Of 2¹⁶: a unit is dropped where 16 random bits are below.
        _droppedBelow = (uint)Math.Round(dropout * 65536);
        _kept = 65536f / (65536 - _droppedBelow);
    }

    /// <summary>Whether a network needs them to learn.</summary>
    public static bool AreNeeded(DnnShape shape, double dropout) =>
        shape.HiddenUnits.Length > 0 && (shape.Normalization != Normalization.None || ActivationKernels.Computes(shape.Activation) || Math.Round(dropout * 65536) > 0);

    public void BeginStep(long step) => _step = (ulong)step;

    /// <summary>[rows × outputs with padding] of a hidden layer.</summary>
    public MatrixSpan Of(int layerIndex, int rows) => ForwardPass.Output(_slopes, _shape, layerIndex, rows);

    /// <summary>Finishes a hidden layer and keeps its slopes.</summary>
    /// <param name="output">Sums, or under a ReLU its values (the same to it); becomes what the next layer sees.</param>
    /// <param name="firstRow">The first row's place in the batch.</param>
    public void Finish(int layerIndex, int firstRow, MatrixSpan output)
    {
        var slopes = Of(layerIndex, output.Rows);
        var length = output.Rows * output.RowStride;
        var values = output.Values[..length];
        var own = slopes.Values[..length];
        switch (_shape.Activation)
        {
            case Activation.Identity:
                own.Fill(1f);
                break;
            case Activation.Relu:
                for (var index = 0; index < own.Length; index++)
                {
                    own[index] = values[index] > 0 ? 1f : 0f;
                    // Normalised sums come as they are; of others negative ones are 0 by now. What is no number stays none.
                    values[index] = values[index] < 0 ? 0f : values[index];
                }

                break;
            default:
                ActivationKernels.ApplyWithSlopes(_shape.Activation, values, own);
                break;
        }

        if (_droppedBelow > 0)
        {
            for (var row = 0; row < output.Rows; row++)
            {
                Drop(layerIndex, firstRow + row, values.Slice(row * output.RowStride, output.Columns), own.Slice(row * output.RowStride, output.Columns));
            }
        }
    }

    void Drop(int layerIndex, int row, Span<float> values, Span<float> slopes)
    {
        var key = SeededRandom.Scrambled(
            _seed ^ SeededRandom.Scrambled(_step ^ SeededRandom.Scrambled(((ulong)layerIndex << 32) | (uint)row)));
        var bits = 0UL;
        for (var unit = 0; unit < values.Length; unit++)
        {
            bits = unit % 4 == 0 ? SeededRandom.Scrambled(key + (ulong)unit) : bits >> 16;
            var factor = (uint)(bits & 0xFFFF) < _droppedBelow ? 0f : _kept;
            values[unit] *= factor;
            slopes[unit] *= factor;
        }
    }
}

using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>
/// A network in double precision at two neighbouring points of a line, and the slopes of its scores between them: each activation
/// counts with (f(u₁) − f(u₀)) / (u₁ − u₀), so that <c>slopes · (first layer's sums₁ − sums₀) = scores₁ − scores₀</c>. So does layer
/// normalisation, by <see cref="NormalizationSlopes"/>.
/// </summary>
sealed class SecantPass
{
    // Nearer than this, relative to their size, two sums are one, and the derivative there is the slope.
    const double Nearest = 1e-9;

    // As ActivationKernels has them, whose form of GELU this is.
    const double RootTwoOverPi = 0.7978845608f;
    const double Cubic = 0.044715f;

    readonly DnnPredictor _predictor;
    readonly DnnShape _shape;
    readonly double[][] _sums;
    readonly double[][] _previousSums;
    readonly double[][] _units;
    readonly double[][] _previousUnits;
    readonly double[][] _activations;
    readonly double[][] _slopes;
    readonly double[][] _gradients;

    public SecantPass(DnnPredictor predictor)
    {
        (_predictor, _shape) = (predictor, predictor.Shape);
        (_sums, _previousSums, _activations) = (Outputs(), Outputs(), Outputs());
        (_slopes, _gradients) = (Outputs(), Outputs());
        (_units, _previousUnits) = (Outputs(), Outputs());
    }

    /// <summary>A layer's sums, before its activation: <c>bias + inputs · weights</c>.</summary>
    public void Sums(int layer, ReadOnlySpan<double> inputs, Span<double> sums)
    {
        var biases = _predictor.Parameters.AsSpan(_shape.BiasOffset(layer), sums.Length);
        for (var output = 0; output < sums.Length; output++)
        {
            sums[output] = biases[output];
        }

        for (var input = 0; input < inputs.Length; input++)
        {
            if (inputs[input] is not 0 and var value)
            {
                var weights = Weights(layer, input);
                for (var output = 0; output < sums.Length; output++)
                {
                    sums[output] += value * weights[output];
                }
            }
        }
    }

    /// <summary>[outputs] the weights of one input of a layer.</summary>
    public ReadOnlySpan<float> Weights(int layer, int input)
    {
        var outputs = _shape.Outputs(layer);
        return _predictor.Parameters.AsSpan(_shape.WeightOffset(layer) + input * outputs, outputs);
    }

    public static double Dot(ReadOnlySpan<float> weights, ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        for (var index = 0; index < values.Length; index++)
        {
            sum += weights[index] * values[index];
        }

        return sum;
    }

    /// <summary>Goes to a first point.</summary>
    /// <param name="firstSums">[outputs of the first layer] its sums there.</param>
    public void Start(ReadOnlySpan<double> firstSums)
    {
        firstSums.CopyTo(_sums[0]);
        Run();
    }

    /// <summary>Goes on to the point <paramref name="share"/> of the way between two.</summary>
    public void Step(ReadOnlySpan<double> from, ReadOnlySpan<double> to, double share)
    {
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            _sums[layer].CopyTo(_previousSums[layer], 0);
            _units[layer].CopyTo(_previousUnits[layer], 0);
        }

        for (var index = 0; index < from.Length; index++)
        {
            _sums[0][index] = from[index] + share * (to[index] - from[index]);
        }

        Run();
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var activation = _shape.ActivationAfter(layer);
            for (var index = 0; index < _sums[layer].Length; index++)
            {
                _slopes[layer][index] = Slope(activation, _previousUnits[layer][index], _units[layer][index]);
            }
        }
    }

    /// <summary>[scores] of the network at the point where it is now, before the label's scaling.</summary>
    public void Scores(Span<double> scores) => _activations[^1].CopyTo(scores);

    /// <summary>Adds the slopes of every score with respect to the first layer's sums, over the last step.</summary>
    /// <param name="slopes">[scores × outputs of the first layer].</param>
    public void AddSlopes(Span<double> slopes)
    {
        var width = _shape.Outputs(0);
        for (var score = 0; score < _shape.OutputCount; score++)
        {
            var last = _gradients[^1];
            Array.Clear(last);
            last[score] = _slopes[^1][score];
            for (var layer = _shape.LayerCount - 1; layer > 0; layer--)
            {
                for (var input = 0; input < _gradients[layer - 1].Length; input++)
                {
                    // A unit that is off over the whole step passes nothing on.
                    var slope = _slopes[layer - 1][input];
                    _gradients[layer - 1][input] = slope == 0 ? 0 : slope * Dot(Weights(layer, input), _gradients[layer]);
                }

                if (_shape.IsNormalized(layer - 1))
                {
                    NormalizationSlopes.Apply(_previousSums[layer - 1], _sums[layer - 1], Gain(layer - 1), _gradients[layer - 1]);
                }
            }

            for (var output = 0; output < width; output++)
            {
                slopes[score * width + output] += _gradients[0][output];
            }
        }
    }

    void Run()
    {
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            if (layer > 0)
            {
                Sums(layer, _activations[layer - 1], _sums[layer]);
            }

            Normalize(layer);
            var activation = _shape.ActivationAfter(layer);
            for (var index = 0; index < _units[layer].Length; index++)
            {
                _activations[layer][index] = Value(activation, _units[layer][index]);
            }
        }
    }

    /// <summary>From a layer's sums to what its activation sees.</summary>
    void Normalize(int layer)
    {
        _sums[layer].CopyTo(_units[layer], 0);
        if (_shape.IsNormalized(layer))
        {
            NormalizationSlopes.Normalize(
                _units[layer], Gain(layer), _predictor.Parameters.AsSpan(_shape.ShiftOffset(layer), _units[layer].Length));
        }
    }

    ReadOnlySpan<float> Gain(int layer) => _predictor.Parameters.AsSpan(_shape.GainOffset(layer), _shape.Outputs(layer));

    double[][] Outputs() => [.. Enumerable.Range(0, _shape.LayerCount).Select(layer => new double[_shape.Outputs(layer)])];

    static double Slope(Activation activation, double from, double to)
    {
        var difference = to - from;
        return Math.Abs(difference) <= Nearest * (Math.Abs(from) + Math.Abs(to))
            ? Derivative(activation, to)
            : (Value(activation, to) - Value(activation, from)) / difference;
    }

    static double Value(Activation activation, double sum) => activation switch
    {
        Activation.Identity => sum,
        Activation.Relu => Math.Max(sum, 0),
        Activation.Tanh => Math.Tanh(sum),
        Activation.Gelu => 0.5 * sum * (1 + Math.Tanh(Inner(sum))),
        _ => throw new UnreachableException($"Activation {activation}."),
    };

    static double Derivative(Activation activation, double sum)
    {
        switch (activation)
        {
            case Activation.Identity:
                return 1;
            case Activation.Relu:
                return sum > 0 ? 1 : 0;
            case Activation.Tanh:
                var value = Math.Tanh(sum);
                return 1 - value * value;
            case Activation.Gelu:
                var tanh = Math.Tanh(Inner(sum));
                return 0.5 * (1 + tanh) + 0.5 * sum * (1 - tanh * tanh) * RootTwoOverPi * (1 + 3 * Cubic * sum * sum);
            default:
                throw new UnreachableException($"Activation {activation}.");
        }
    }

    static double Inner(double sum) => RootTwoOverPi * sum * (1 + Cubic * sum * sum);
}

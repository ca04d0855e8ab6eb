using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>
/// Activations that a product's tile can't finish on its way, over flat arrays: the value, and for learning the slope. Every
/// element has the same bits alone or among others, on every CPU: no function of the C library, whose last digits differ.
/// </summary>
/// <remarks>
/// tanh x is Lambert's continued fraction to its seventh level for |x| ≤ 1, and 1 − 2 / (e^2|x| + 1) beyond; e^x is 2^k times the
/// Taylor polynomial of degree 7 in |r| ≤ ½ ln 2. Both are within 4 units in the last place of the real function (tested). GELU
/// is the usual form by tanh: ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). Source: D. Hendrycks, K. Gimpel, "Gaussian error linear
/// units", 2016.
/// </remarks>
public static class ActivationKernels
{
    const float RootTwoOverPi = 0.7978845608f;
    const float Cubic = 0.044715f;

    /// <summary>Whether this class computes the activation; the others are a product's own.</summary>
    public static bool Computes(Activation activation) => activation is Activation.Tanh or Activation.Gelu;

    /// <summary><c>values[i] = activation(values[i])</c>.</summary>
    public static void Apply(Activation activation, Span<float> values)
    {
        ref var first = ref MemoryMarshal.GetReference(values);
        nuint index = 0;
        for (; index + 8 <= (nuint)values.Length; index += 8)
        {
            Value(activation, Vector256.LoadUnsafe(ref first, index)).StoreUnsafe(ref first, index);
        }

        for (; index < (nuint)values.Length; index++)
        {
            values[(int)index] = Value(activation, Vector256.Create(values[(int)index]))[0];
        }
    }

    /// <summary><c>slopes[i] = activation'(values[i]); values[i] = activation(values[i])</c>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void ApplyWithSlopes(Activation activation, Span<float> values, Span<float> slopes)
    {
        ElementKernels.RequireSameLength(values.Length, slopes.Length);
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var firstSlope = ref MemoryMarshal.GetReference(slopes);
        nuint index = 0;
        for (; index + 8 <= (nuint)values.Length; index += 8)
        {
            var (value, slope) = ValueAndSlope(activation, Vector256.LoadUnsafe(ref first, index));
            value.StoreUnsafe(ref first, index);
            slope.StoreUnsafe(ref firstSlope, index);
        }

        for (; index < (nuint)values.Length; index++)
        {
            var (value, slope) = ValueAndSlope(activation, Vector256.Create(values[(int)index]));
            (values[(int)index], slopes[(int)index]) = (value[0], slope[0]);
        }
    }

    static Vector256<float> Value(Activation activation, Vector256<float> x) => activation switch
    {
        Activation.Tanh => Tanh(x),
        Activation.Gelu => Vector256.Create(0.5f) * x * (Vector256<float>.One + Tanh(Inner(x))),
        _ => throw new UnreachableException($"Activation {activation}."),
    };

    static (Vector256<float> Value, Vector256<float> Slope) ValueAndSlope(Activation activation, Vector256<float> x)
    {
        var one = Vector256<float>.One;
        if (activation == Activation.Tanh)
        {
            var y = Tanh(x);
            return (y, one - y * y);
        }

        // d/dx ½ x (1 + t) = ½ (1 + t) + ½ x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²).
        var half = Vector256.Create(0.5f);
        var t = Tanh(Inner(x));
        var inner = Vector256.Create(RootTwoOverPi) * Vector256.FusedMultiplyAdd(Vector256.Create(3 * Cubic) * x, x, one);
        return (half * x * (one + t), half * (one + t) + half * x * (one - t * t) * inner);
    }

    static Vector256<float> Inner(Vector256<float> x) =>
        Vector256.Create(RootTwoOverPi) * x * Vector256.FusedMultiplyAdd(Vector256.Create(Cubic) * x, x, Vector256<float>.One);

    static Vector256<float> Tanh(Vector256<float> x)
    {
        var one = Vector256<float>.One;
        var magnitude = Vector256.Abs(x);

        // x (135135 + 17325 x² + 378 x⁴ + x⁶) / (135135 + 62370 x² + 3150 x⁴ + 28 x⁶)
        var square = x * x;
        var numerator = Vector256.FusedMultiplyAdd(
            Vector256.FusedMultiplyAdd(square + Vector256.Create(378f), square, Vector256.Create(17325f)), square,
            Vector256.Create(135135f));
        var denominator = Vector256.FusedMultiplyAdd(
            Vector256.FusedMultiplyAdd(
                Vector256.FusedMultiplyAdd(Vector256.Create(28f), square, Vector256.Create(3150f)), square,
                Vector256.Create(62370f)),
            square, Vector256.Create(135135f));
        var small = x * numerator / denominator;

        // From 10 on, tanh rounds to 1; a NaN stays one through the first form.
        var power = Exp(Vector256.Min(magnitude, Vector256.Create(10f)) * Vector256.Create(2f));
        var large = Vector256.CopySign(one - Vector256.Create(2f) / (power + one), x);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(magnitude, one), large, small);
    }

    /// <summary>e^x for 0 ≤ x ≤ 80.</summary>
    static Vector256<float> Exp(Vector256<float> x)
    {
        var k = Vector256.Floor(Vector256.FusedMultiplyAdd(x, Vector256.Create(1.44269504f), Vector256.Create(0.5f)));
        // ln 2 in two parts, so that the reduced argument keeps its last digits.
        var r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(k, Vector256.Create(2.12194440e-4f), r);
        var sum = Vector256.Create(1f / 5040);
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 720));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 120));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 24));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 6));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(0.5f));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        var scale = Vector256.ShiftLeft(Vector256.ConvertToInt32(k) + Vector256.Create(127), 23).AsSingle();
        return sum * scale;
    }
}

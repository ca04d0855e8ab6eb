using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>The constants of one step of <see cref="OptimizerKernels.Adam"/>.</summary>
/// <param name="Rate">The learning rate with the first moment's correction: α / (1 − β₁ᵗ).</param>
/// <param name="InverseRoot">The second moment's correction: 1 / √(1 − β₂ᵗ).</param>
/// <param name="Beta1">The decay of the first moment, from 0 to below 1.</param>
/// <param name="Beta2">The decay of the second moment, from 0 to below 1.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
public readonly record struct AdamStep(float Rate, float InverseRoot, float Beta1, float Beta2, float Epsilon);

/// <summary>One step of an optimizer over a flat array of parameters. Same bits for every split of the array.</summary>
public static class OptimizerKernels
{
    /// <summary>
    /// <c>m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); p ← p − Rate · m / (√v · InverseRoot + ε)</c>.
    /// </summary>
    /// <param name="firstMoments">m, as long as the parameters.</param>
    /// <param name="secondMoments">v, as long as the parameters.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <remarks>Source: D. Kingma, J. Ba, "Adam", ICLR 2015, algorithm 1; the corrections are folded into the two
    /// constants.</remarks>
    public static void Adam(
        in AdamStep step,
        ReadOnlySpan<float> gradients,
        Span<float> firstMoments,
        Span<float> secondMoments,
        Span<float> parameters)
    {
        ElementKernels.RequireSameLength(gradients.Length, parameters.Length);
        ElementKernels.RequireSameLength(firstMoments.Length, parameters.Length);
        ElementKernels.RequireSameLength(secondMoments.Length, parameters.Length);
        ref var g0 = ref MemoryMarshal.GetReference(gradients);
        ref var m0 = ref MemoryMarshal.GetReference(firstMoments);
        ref var v0 = ref MemoryMarshal.GetReference(secondMoments);
        ref var p0 = ref MemoryMarshal.GetReference(parameters);
        var (rate, root) = (Vector256.Create(step.Rate), Vector256.Create(step.InverseRoot));
        var (decay1, decay2) = (Vector256.Create(1 - step.Beta1), Vector256.Create(1 - step.Beta2));
        var epsilon = Vector256.Create(step.Epsilon);
        nuint index = 0;
        for (; index + 8 <= (nuint)parameters.Length; index += 8)
        {
            var g = Vector256.LoadUnsafe(ref g0, index);
            var m = Vector256.LoadUnsafe(ref m0, index);
            var v = Vector256.LoadUnsafe(ref v0, index);
            m = Vector256.FusedMultiplyAdd(decay1, g - m, m);
            v = Vector256.FusedMultiplyAdd(decay2, g * g - v, v);
            m.StoreUnsafe(ref m0, index);
            v.StoreUnsafe(ref v0, index);
            var move = rate * m / Vector256.FusedMultiplyAdd(Vector256.Sqrt(v), root, epsilon);
            (Vector256.LoadUnsafe(ref p0, index) - move).StoreUnsafe(ref p0, index);
        }

        for (var rest = (int)index; rest < parameters.Length; rest++)
        {
            AdamReference(step, gradients[rest], ref firstMoments[rest], ref secondMoments[rest], ref parameters[rest]);
        }
    }

    /// <summary><c>a ← a + g²; p ← p − rate · g / (√a + ε)</c>.</summary>
    /// <param name="squares">a, as long as the parameters.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <remarks>Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods", JMLR 12 (2011), diagonal case.</remarks>
    public static void Adagrad(
        float rate, float epsilon, ReadOnlySpan<float> gradients, Span<float> squares, Span<float> parameters)
    {
        ElementKernels.RequireSameLength(gradients.Length, parameters.Length);
        ElementKernels.RequireSameLength(squares.Length, parameters.Length);
        ref var g0 = ref MemoryMarshal.GetReference(gradients);
        ref var a0 = ref MemoryMarshal.GetReference(squares);
        ref var p0 = ref MemoryMarshal.GetReference(parameters);
        nuint index = 0;
        for (; index + 8 <= (nuint)parameters.Length; index += 8)
        {
            var g = Vector256.LoadUnsafe(ref g0, index);
            var a = Vector256.FusedMultiplyAdd(g, g, Vector256.LoadUnsafe(ref a0, index));
            a.StoreUnsafe(ref a0, index);
            var move = Vector256.Create(rate) * g / (Vector256.Sqrt(a) + Vector256.Create(epsilon));
            (Vector256.LoadUnsafe(ref p0, index) - move).StoreUnsafe(ref p0, index);
        }

        for (var rest = (int)index; rest < parameters.Length; rest++)
        {
            AdagradReference(rate, epsilon, gradients[rest], ref squares[rest], ref parameters[rest]);
        }
    }

    /// <summary><c>v ← momentum · v + g; p ← p − rate · v</c>.</summary>
    /// <param name="velocities">v, as long as the parameters.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <remarks>Source: B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.</remarks>
    public static void Momentum(
        float rate, float momentum, ReadOnlySpan<float> gradients, Span<float> velocities, Span<float> parameters)
    {
        ElementKernels.RequireSameLength(gradients.Length, parameters.Length);
        ElementKernels.RequireSameLength(velocities.Length, parameters.Length);
        ref var g0 = ref MemoryMarshal.GetReference(gradients);
        ref var v0 = ref MemoryMarshal.GetReference(velocities);
        ref var p0 = ref MemoryMarshal.GetReference(parameters);
        nuint index = 0;
        for (; index + 8 <= (nuint)parameters.Length; index += 8)
        {
            var v = Vector256.FusedMultiplyAdd(
                Vector256.Create(momentum), Vector256.LoadUnsafe(ref v0, index), Vector256.LoadUnsafe(ref g0, index));
            v.StoreUnsafe(ref v0, index);
            Vector256.FusedMultiplyAdd(Vector256.Create(-rate), v, Vector256.LoadUnsafe(ref p0, index)).StoreUnsafe(
                ref p0, index);
        }

        for (var rest = (int)index; rest < parameters.Length; rest++)
        {
            MomentumReference(rate, momentum, gradients[rest], ref velocities[rest], ref parameters[rest]);
        }
    }

    internal static void MomentumReference(float rate, float momentum, float g, ref float v, ref float p)
    {
        v = MathF.FusedMultiplyAdd(momentum, v, g);
        p = MathF.FusedMultiplyAdd(-rate, v, p);
    }

    internal static void AdamReference(in AdamStep step, float g, ref float m, ref float v, ref float p)
    {
        m = MathF.FusedMultiplyAdd(1 - step.Beta1, g - m, m);
        v = MathF.FusedMultiplyAdd(1 - step.Beta2, g * g - v, v);
        p -= step.Rate * m / MathF.FusedMultiplyAdd(MathF.Sqrt(v), step.InverseRoot, step.Epsilon);
    }

    internal static void AdagradReference(float rate, float epsilon, float g, ref float a, ref float p)
    {
        a = MathF.FusedMultiplyAdd(g, g, a);
        p -= rate * g / (MathF.Sqrt(a) + epsilon);
    }
}

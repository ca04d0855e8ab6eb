using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Benchmarks;

/// <summary>The fused multiply-adds one core can do, in 256-bit vectors in registers, as the yardstick of the kernels.</summary>
static class FmaPeak
{
    const int Chains = 12;
    const int Rounds = 2_000_000;

    /// <summary>Floating-point operations (two per multiply-add) per second of CPU time; the best of several tries.</summary>
    public static double Measure() => Enumerable.Range(0, 12).Max(_ =>
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var sum = Spin(Vector256.Create(0.999f), Vector256.Create(0.001f));
        var seconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        return float.IsFinite(sum) ? 2.0 * Chains * Vector256<float>.Count * Rounds / seconds : throw new UnreachableException();
    });

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static float Spin(Vector256<float> factor, Vector256<float> term)
    {
        Vector256<float> a = term, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, factor, term);
            b = Vector256.FusedMultiplyAdd(b, factor, term);
            c = Vector256.FusedMultiplyAdd(c, factor, term);
            d = Vector256.FusedMultiplyAdd(d, factor, term);
            e = Vector256.FusedMultiplyAdd(e, factor, term);
            f = Vector256.FusedMultiplyAdd(f, factor, term);
            g = Vector256.FusedMultiplyAdd(g, factor, term);
            h = Vector256.FusedMultiplyAdd(h, factor, term);
            i = Vector256.FusedMultiplyAdd(i, factor, term);
            j = Vector256.FusedMultiplyAdd(j, factor, term);
            k = Vector256.FusedMultiplyAdd(k, factor, term);
            l = Vector256.FusedMultiplyAdd(l, factor, term);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Capstan.Training;

/// <summary>
/// FTRL-Proximal's step for many coordinates whose z, n and weights lie in arrays of their own, eight at a time. Fast version of
/// <see cref="Reference"/>, equal to the bit: it is + − × ÷ √ of single numbers in the same order.
/// </summary>
static class FtrlKernel
{
    /// <summary>The obvious version: <see cref="Coordinate.Update"/> of one coordinate after the other.</summary>
    /// <param name="rows">Which coordinates, each once.</param>
    /// <param name="gradients">[rows].</param>
    public static void Reference(
        ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients, Span<float> allZ, Span<float> allN, Span<float> weights, in FtrlConstants constants)
    {
        for (var place = 0; place < rows.Length; place++)
        {
            var row = rows[place];
            UpdateOne(gradients[place], ref allZ[row], ref allN[row], ref weights[row], constants);
        }
    }

    /// <summary>As <see cref="Reference"/>; fastest where rows ascend.</summary>
    /// <exception cref="IndexOutOfRangeException">A row is none of the arrays'.</exception>
    public static void Update(
        ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients, Span<float> allZ, Span<float> allN, Span<float> weights, in FtrlConstants constants)
    {
        var done = Avx2.IsSupported ? UpdateEights(rows, gradients, allZ, allN, weights, constants) : 0;
        Reference(rows[done..], gradients[done..], allZ, allN, weights, constants);
    }

    /// <summary>Coordinates that lie side by side.</summary>
    public static void Update(ReadOnlySpan<float> gradients, Span<float> z, Span<float> n, Span<float> weights, in FtrlConstants constants)
    {
        var index = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var eight = new Eight(constants);
            for (; index <= gradients.Length - Vector256<float>.Count; index += Vector256<float>.Count)
            {
                var (eightZ, eightN, w) = (Vector256.Create<float>(z[index..]), Vector256.Create<float>(n[index..]), Vector256.Create<float>(weights[index..]));
                eight.Update(Vector256.Create(gradients[index..]), ref eightZ, ref eightN, ref w);
                eightZ.CopyTo(z[index..]);
                eightN.CopyTo(n[index..]);
                w.CopyTo(weights[index..]);
            }
        }

        for (; index < gradients.Length; index++)
        {
            UpdateOne(gradients[index], ref z[index], ref n[index], ref weights[index], constants);
        }
    }

    static unsafe int UpdateEights(
        ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients, Span<float> allZ, Span<float> allN, Span<float> weights, in FtrlConstants constants)
    {
        const int Lanes = 8;
        var length = Math.Min(allZ.Length, Math.Min(allN.Length, weights.Length));
        var (eight, limit) = (new Eight(constants), Vector256.Create((uint)length));
        var place = 0;
        fixed (float* z = allZ, n = allN, w = weights)
        {
            for (; place <= rows.Length - Lanes; place += Lanes)
            {
                var eightRows = Vector256.Create(rows.Slice(place, Lanes));
                if (Vector256.GreaterThanOrEqualAny(eightRows.AsUInt32(), limit))
                {
                    throw new IndexOutOfRangeException($"One of the rows {eightRows} is none of {length:N0}.");
                }

                var g = Vector256.Create(gradients.Slice(place, Lanes));
                var eightZ = Avx2.GatherVector256(z, eightRows, sizeof(float));
                var eightN = Avx2.GatherVector256(n, eightRows, sizeof(float));
                var eightW = Avx2.GatherVector256(w, eightRows, sizeof(float));
                eight.Update(g, ref eightZ, ref eightN, ref eightW);
                for (var lane = 0; lane < Lanes; lane++)
                {
                    var row = rows[place + lane];
                    (z[row], n[row], w[row]) = (eightZ[lane], eightN[lane], eightW[lane]);
                }
            }
        }

        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void UpdateOne(float gradient, ref float z, ref float n, ref float weight, in FtrlConstants constants)
    {
        var coordinate = new Coordinate { Z = z, N = n, W = weight, RootN = MathF.Sqrt(n) };
        coordinate.Update(gradient, constants, constants.L1, constants.L2);
        (z, n, weight) = (coordinate.Z, coordinate.N, coordinate.W);
    }

    /// <summary><see cref="Coordinate.Update"/> of eight at once.</summary>
    readonly struct Eight(in FtrlConstants constants)
    {
        readonly Vector256<float> _inverseAlpha = Vector256.Create(constants.InverseAlpha);
        readonly Vector256<float> _beta = Vector256.Create(constants.Beta);
        readonly Vector256<float> _l1 = Vector256.Create(constants.L1);
        readonly Vector256<float> _l2 = Vector256.Create(constants.L2);
        readonly Vector256<float> _most = Vector256.Create(FtrlConstants.GradientLimit);
        readonly Vector256<float> _sign = Vector256.Create(-0f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update(Vector256<float> g, ref Vector256<float> z, ref Vector256<float> n, ref Vector256<float> w)
        {
            g = Vector256.ConditionalSelect(Vector256.LessThan(g, -_most), -_most, g);
            g = Vector256.ConditionalSelect(Vector256.GreaterThan(g, _most), _most, g);
            var root = Vector256.Sqrt(n);
            n += g * g;
            var newRoot = Vector256.Sqrt(n);
            var sigma = (newRoot - root) * _inverseAlpha;
            z += g - sigma * w;
            var moved = ((_l1 | (z & _sign)) - z) / ((_beta + newRoot) * _inverseAlpha + _l2);
            w = Vector256.ConditionalSelect(Vector256.GreaterThan(Vector256.Abs(z), _l1), moved, Vector256<float>.Zero);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Capstan.Training;

/// <summary>
/// One coordinate of FTRL-Proximal with all it needs in 16 bytes, so that learning from a feature touches one cache line: the
/// paper's z and n, and the weight and √n that follow from them.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
struct Coordinate
{
    public float Z;
    public float N;

    /// <summary>The weight for (Z, N) as they are.</summary>
    public float W;
    public float RootN;

    /// <summary>A coordinate that has seen no gradient and stands at a weight.</summary>
    public static Coordinate At(float weight, in FtrlConstants constants) => new()
    {
        Z = weight == 0f
            ? 0f
            : -(weight * (constants.Beta * constants.InverseAlpha + constants.L2)) - MathF.CopySign(constants.L1, weight),
        W = weight,
    };

    /// <summary>
    /// Takes in one gradient g: McMahan et al. 2013, Algorithm 1, the inner loop, then the weight for the next time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(float g, in FtrlConstants constants, float l1, float l2)
    {
        g = Math.Clamp(g, -FtrlConstants.GradientLimit, FtrlConstants.GradientLimit);
        var n = N + g * g;
        var rootN = MathF.Sqrt(n);
        var sigma = (rootN - RootN) * constants.InverseAlpha;
        var z = Z + (g - sigma * W);
        var w = 0f;
        if (MathF.Abs(z) > l1)
        {
            w = (MathF.CopySign(l1, z) - z) / ((constants.Beta + rootN) * constants.InverseAlpha + l2);
        }

        Z = z;
        N = n;
        W = w;
        RootN = rootN;
    }
}

/// <summary>The options as the inner loop wants them.</summary>
readonly record struct FtrlConstants(float InverseAlpha, float Beta, float L1, float L2)
{
    /// <summary>
    /// Squares of gradients up to here can be added up for ever in single precision: n stops growing long before it overflows.
    /// </summary>
    public const float GradientLimit = 1e15f;

    public static FtrlConstants Of(LinearOptions options) =>
        new(1f / options.LearningRate, options.Beta, options.L1, options.L2);
}

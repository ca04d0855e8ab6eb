using System.Runtime.CompilerServices;

namespace Capstan.Training;

/// <summary>A loss as the inner loop of a linear learner wants it: single precision, one score at a time.</summary>
interface IPointLoss
{
    /// <summary>d loss / d score, and the loss.</summary>
    static abstract float Slope(float score, float label, float residualLimit, out float loss);
}

/// <summary>Log loss of log-odds; the slope is p − label.</summary>
readonly struct LogisticPointLoss : IPointLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Slope(float score, float label, float residualLimit, out float loss)
    {
        // e^−|score| never overflows, and serves both p and the loss.
        var e = MathF.Exp(-MathF.Abs(score));
        loss = MathF.Max(score, 0f) - score * label + MathF.Log(1f + e);
        var p = (score >= 0 ? 1f : e) / (1f + e);
        return p - label;
    }
}

/// <summary>Squared error; the slope is that of half of it, cut at the residual limit.</summary>
readonly struct SquaredPointLoss : IPointLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Slope(float score, float label, float residualLimit, out float loss)
    {
        var residual = score - label;
        loss = residual * residual;
        return Math.Clamp(residual, -residualLimit, residualLimit);
    }
}

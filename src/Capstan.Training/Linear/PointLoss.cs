using System.Runtime.CompilerServices;

namespace Capstan.Training;

/// <summary>A loss as an inner loop wants it: single precision, one score at a time.</summary>
interface IPointLoss
{
    /// <summary>
    /// By which power of the label's unit losses grow: learned in units of 1 / s, a loss counts s^Degree times in the label's own.
    /// </summary>
    static abstract int Degree { get; }

    /// <summary>d loss / d score, and the loss.</summary>
    float Slope(float score, float label, out float loss);
}

/// <summary>Log loss of log-odds; the slope is p − label.</summary>
readonly struct LogisticPointLoss : IPointLoss
{
    public static int Degree => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        // e^−|score| never overflows, and serves both p and the loss.
        var e = MathF.Exp(-MathF.Abs(score));
        loss = MathF.Max(score, 0f) - score * label + MathF.Log(1f + e);
        var p = (score >= 0 ? 1f : e) / (1f + e);
        return p - label;
    }
}

/// <summary>Squared error; the slope is that of half of it, cut at the residual limit.</summary>
readonly struct SquaredPointLoss(float residualLimit) : IPointLoss
{
    public static int Degree => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        var residual = score - label;
        loss = residual * residual;
        return Math.Clamp(residual, -residualLimit, residualLimit);
    }
}

/// <summary>Huber's loss; δ in the unit that is learned.</summary>
readonly struct HuberPointLoss(float delta) : IPointLoss
{
    public static int Degree => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        var residual = score - label;
        var distance = MathF.Abs(residual);
        loss = distance <= delta ? 0.5f * residual * residual : delta * (distance - 0.5f * delta);
        return Math.Clamp(residual, -delta, delta);
    }
}

/// <summary>The q-quantile's loss; of ½, half the absolute error. The slope where score and label are equal is 0.</summary>
/// <param name="below">1 − q: what a score too high costs.</param>
/// <param name="above">q: what a score too low costs.</param>
readonly struct QuantilePointLoss(float below, float above) : IPointLoss
{
    public static int Degree => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        var residual = score - label;
        loss = residual > 0 ? below * residual : -above * residual;
        return residual > 0 ? below : residual < 0 ? -above : 0f;
    }
}

/// <summary>Counts; the score is the mean's logarithm.</summary>
readonly struct PoissonPointLoss : IPointLoss
{
    // e^30 is 10^13: nobody counts so far, and its square is still finite.
    const float HighestScore = 30f;

    public static int Degree => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        var mean = MathF.Exp(MathF.Min(score, HighestScore));
        loss = mean - label * score;
        return mean - label;
    }
}

/// <summary>Amounts; the score is the mean's logarithm.</summary>
readonly struct GammaPointLoss : IPointLoss
{
    const float LowestScore = -30f;

    public static int Degree => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Slope(float score, float label, out float loss)
    {
        var ratio = label * MathF.Exp(-MathF.Max(score, LowestScore));
        loss = score + ratio;
        return 1f - ratio;
    }
}

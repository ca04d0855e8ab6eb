namespace Capstan.Models;

/// <summary>
/// Layer normalisation in double precision, and its slopes between two points: with them the change of what it gives is
/// exactly a linear
/// function of the change of its sums, as <see cref="SecantPass"/> needs.
/// </summary>
/// <remarks>
/// With d the sums less their mean, v = Σ d² / n and r = 1 / √(v + ε), a unit gives gain · d · r + shift. A product changes by
/// mean(r) · Δd + mean(d) · Δr, means over the two points, without a rest; Δv = 2 Σ mean(d) · Δd / n; and Δr = −Δv / ((q₀ +
/// q₁) q₀ q₁)
/// with q = 1 / r. At one point these are the derivatives.
/// </remarks>
static class NormalizationSlopes
{
    /// <param name="sums">[units], overwritten by what the activation sees.</param>
    public static void Normalize(Span<double> sums, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift)
    {
        var (mean, deviation) = MomentsOf(sums);
        for (var unit = 0; unit < sums.Length; unit++)
        {
            sums[unit] = (sums[unit] - mean) / deviation * gain[unit] + shift[unit];
        }
    }

    /// <summary>From slopes with respect to what the activation sees to those with respect to the sums, in place.</summary>
    /// <param name="from">[units] the sums at the first point.</param>
    /// <param name="to">[units] the sums at the second point.</param>
    public static void Apply(ReadOnlySpan<double> from, ReadOnlySpan<double> to, ReadOnlySpan<float> gain, Span<double> slopes)
    {
        var ((firstMean, first), (secondMean, second)) = (MomentsOf(from), MomentsOf(to));
        var inverse = (1 / first + 1 / second) / 2;
        var along = 0.0;
        for (var unit = 0; unit < slopes.Length; unit++)
        {
            slopes[unit] *= gain[unit];
            along += slopes[unit] * Centre(from, to, unit);
        }

        var spread = -2 * along / ((first + second) * first * second * slopes.Length);
        var mean = 0.0;
        for (var unit = 0; unit < slopes.Length; unit++)
        {
            slopes[unit] = slopes[unit] * inverse + spread * Centre(from, to, unit);
            mean += slopes[unit] / slopes.Length;
        }

        foreach (ref var slope in slopes)
        {
            slope -= mean;
        }

        double Centre(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int unit) =>
            (left[unit] - firstMean + right[unit] - secondMean) / 2;
    }

    /// <summary>The mean, and the root of the variance with ε.</summary>
    static (double Mean, double Deviation) MomentsOf(ReadOnlySpan<double> sums)
    {
        var (mean, squares) = (0.0, 0.0);
        foreach (var sum in sums)
        {
            mean += sum / sums.Length;
        }

        foreach (var sum in sums)
        {
            squares += (sum - mean) * (sum - mean) / sums.Length;
        }

        return (mean, Math.Sqrt(squares + LayerNormalization.Epsilon));
    }
}

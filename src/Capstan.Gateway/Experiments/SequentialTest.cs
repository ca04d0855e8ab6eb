namespace Capstan.Gateway;

/// <summary>A difference of two means, with what can be said of it at any moment.</summary>
/// <param name="Difference">The second mean less the first.</param>
/// <param name="Low">The lower end of the interval that holds the true difference at all moments together, with the confidence asked for.</param>
/// <param name="High">Its upper end.</param>
/// <param name="P">
/// The p-value of "no difference", valid whenever it is looked at; its minimum over all looks is one, too.
/// </param>
public readonly record struct SequentialComparison(double Difference, double Low, double High, double P);

/// <summary>
/// Compares two means while the numbers come in, and may be looked at as often as anybody likes: the chance of ever finding a
/// difference where there is none is at most <c>1 − confidence</c>.
/// </summary>
/// <remarks>
/// Source: R. Johari, P. Koomen, L. Pekelis, D. Walsh, "Always valid inference: continuous monitoring of A/B tests", Operations Research
/// 70 (2022), eq. 5 (the mixture sequential probability ratio test, normal mixture). With V = s₁²/n₁ + s₂²/n₂ and the mixture's variance τ²,
/// Λ = √(V/(V+τ²)) · exp(τ² d² / (2 V (V+τ²))); p = 1/Λ; the interval holds the differences that are not rejected. Variances are estimated,
/// so the guarantee is that of large samples: below <see cref="FewestOutcomes"/> on either side nothing is said. τ is a tenth of the
/// standard deviation: it decides which size of difference is found soonest, not whether the test is valid.
/// </remarks>
public static class SequentialTest
{
    public const long FewestOutcomes = 100;

    const double MixtureScale = 0.1;

    /// <param name="confidence">Between 0 and 1: 0.95.</param>
    /// <returns>Null where there are too few outcomes to say anything.</returns>
    public static SequentialComparison? Compare(in OutcomeMoments first, in OutcomeMoments second, double confidence)
    {
        if (Math.Min(first.Count, second.Count) < FewestOutcomes)
        {
            return null;
        }

        var difference = second.Mean - first.Mean;
        var variance = first.Variance / first.Count + second.Variance / second.Count;
        var pooled = (first.Squares + second.Squares) / (first.Count + second.Count - 2);
        if (variance <= 0)
        {
            // All numbers of a side are the same: a difference is certain, or there is none.
            return new SequentialComparison(difference, difference, difference, difference == 0 ? 1 : 0);
        }

        var mixture = MixtureScale * MixtureScale * pooled;
        var shrink = variance / (variance + mixture);
        var exponent = mixture * difference * difference / (2 * variance * (variance + mixture));
        var p = Math.Min(1, Math.Exp(-exponent) / Math.Sqrt(shrink));
        var width = Math.Sqrt(2 * variance * (variance + mixture) / mixture * Math.Log(1 / ((1 - confidence) * Math.Sqrt(shrink))));
        return new SequentialComparison(difference, difference - width, difference + width, p);
    }

    /// <summary>
    /// The half-width of an interval around one mean that holds at all moments together; infinite where there are too few outcomes.
    /// </summary>
    /// <remarks>Source: the same mixture for one sample.</remarks>
    public static double HalfWidth(in OutcomeMoments moments, double confidence)
    {
        if (moments.Count < FewestOutcomes)
        {
            return double.PositiveInfinity;
        }

        var variance = moments.Variance / moments.Count;
        var mixture = MixtureScale * MixtureScale * moments.Variance;
        return variance <= 0 ? 0 : Math.Sqrt(
            2 * variance * (variance + mixture) / mixture * Math.Log(Math.Sqrt((variance + mixture) / variance) / (1 - confidence)));
    }
}

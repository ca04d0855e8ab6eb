using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// gaussianize(x): the standard normal quantile of the share of training rows below x, Φ⁻¹(F(x)), so that x over the training
/// rows is normal with mean 0 and deviation 1, whatever its distribution; between a few of x's quantiles a straight line, beyond
/// the training rows' range that of its ends.
/// </summary>
/// <remarks>
/// F counts half of the rows equal to x (mid-ranks), so that repeated values lie in the middle of their share. tf.Transform's
/// scale_to_gaussian fits Tukey's HH distributions to four L-moments instead, which leaves what is not of that family:
/// docs/decisions/0106.
/// </remarks>
sealed class Gaussianizing : FittedFunction
{
    public static readonly Gaussianizing Instance = new();

    // Denser where straight lines fit worse; the sketch's rank error forbids going further into the tails.
    internal static readonly double[] Shares =
    [
        0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
        0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998,
    ];

    // A difference of two values within is finite.
    const double Largest = double.MaxValue / 4;

    Gaussianizing()
        : base("gaussianize", ValueKind.Number, FittedOperand.Number("x"))
    {
    }

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<QuantileSketch>(
        new QuantilesAnalyzer(node.Operands[0]), quantiles => Of(node.Operands[0], Knots(quantiles), quantiles.Count));

    /// <param name="known">Ascending values of x, each with its mid-rank as a share of all rows.</param>
    /// <param name="count">How many rows have x.</param>
    internal static Expr Of(Expr x, IEnumerable<(double Value, double Share)> known, double count)
    {
        var knots = new List<(double X, double Z)>();
        foreach (var (value, share) in known)
        {
            // A sketch may no longer hold the least and the greatest value; each is at least one row.
            var within = Math.Clamp(share, 0.5 / count, 1 - 0.5 / count);
            var (at, z) = (Math.Clamp(value, -Largest, Largest), NormalDistribution.Quantile(within));
            // Neighbours too close for a slope are one.
            if (knots.Count == 0 || double.IsFinite((z - knots[^1].Z) / (at - knots[^1].X)))
            {
                knots.Add((at, z));
            }
        }

        // Of no value, or one alone, nothing is above or below the middle: 0 wherever x is present.
        return knots.Count < 2
            ? x * 0
            : Expressions.Interpolate(x, [.. knots.Select(knot => knot.X)], [.. knots.Select(knot => knot.Z)]);
    }

    static IEnumerable<(double Value, double Share)> Knots(QuantileSketch quantiles) => quantiles.Count == 0 ? []
        : Shares.Select(quantiles.Quantile).Prepend(quantiles.Min).Append(quantiles.Max).Distinct().Select(value =>
            (value, (quantiles.ShareAtOrBelow(Math.BitDecrement(value)) + quantiles.ShareAtOrBelow(value)) / 2));
}

using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// uniformize(x): the share of training rows below x, F(x), so that x over the training rows is uniform between 0 and 1; and
/// gaussianize(x): the standard normal quantile of that share, Φ⁻¹(F(x)), so that it is normal with mean 0 and deviation 1,
/// whatever its distribution. Between a few of x's quantiles a straight line, beyond the training rows' range what the ends have.
/// </summary>
/// <remarks>
/// F counts half of the rows equal to x (mid-ranks), so that repeated values lie in the middle of their share. uniformize is what
/// tf.Transform's apply_buckets_with_interpolation gives for quantiles; its scale_to_gaussian fits Tukey's HH distributions to
/// four L-moments instead, which leaves what is not of that family: docs/decisions/0106.
/// </remarks>
sealed class QuantileTransform : FittedFunction
{
    public static readonly QuantileTransform Gaussian = new("gaussianize", NormalDistribution.Quantile);
    public static readonly QuantileTransform Uniform = new("uniformize", share => share);

    // Denser where straight lines fit worse; the sketch's rank error forbids going further into the tails.
    internal static readonly double[] Shares =
    [
        0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
        0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998,
    ];

    // A difference of two values within is finite.
    const double Largest = double.MaxValue / 4;

    readonly Func<double, double> _quantile;

    /// <param name="quantile">Of the distribution that x is given.</param>
    QuantileTransform(string name, Func<double, double> quantile)
        : base(name, ValueKind.Number, FittedOperand.Number("x")) => _quantile = quantile;

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<QuantileSketch>(
        new QuantilesAnalyzer(node.Operands[0]), quantiles => Of(node.Operands[0], Knots(quantiles), quantiles.Count));

    /// <param name="known">Ascending values of x, each with its mid-rank as a share of all rows.</param>
    /// <param name="count">How many rows have x.</param>
    internal Expr Of(Expr x, IEnumerable<(double Value, double Share)> known, double count)
    {
        var knots = new List<(double X, double Z)>();
        foreach (var (value, share) in known)
        {
            // A sketch may no longer hold the least and the greatest value; each is at least one row.
            var within = Math.Clamp(share, 0.5 / count, 1 - 0.5 / count);
            var (at, z) = (Math.Clamp(value, -Largest, Largest), _quantile(within));
            // Neighbours too close for a slope are one.
            if (knots.Count == 0 || double.IsFinite((z - knots[^1].Z) / (at - knots[^1].X)))
            {
                knots.Add((at, z));
            }
        }

        // Of no value, or one alone, nothing is above or below the middle.
        return knots.Count < 2
            ? x * 0 + _quantile(0.5)
            : Expressions.Interpolate(x, [.. knots.Select(knot => knot.X)], [.. knots.Select(knot => knot.Z)]);
    }

    static IEnumerable<(double Value, double Share)> Knots(QuantileSketch quantiles) => quantiles.Count == 0 ? []
        : Shares.Select(quantiles.Quantile).Prepend(quantiles.Min).Append(quantiles.Max).Distinct().Select(value =>
            (value, (quantiles.ShareAtOrBelow(Math.BitDecrement(value)) + quantiles.ShareAtOrBelow(value)) / 2));
}

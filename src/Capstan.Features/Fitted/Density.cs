using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// density(x, bins: n): the estimated probability density at x, by a histogram of n bins of equal width over the training rows; 0
/// beyond their range (tf.Transform's estimated_probability_density). Of no values, or of a single one, which has no density, 0.
/// </summary>
/// <remarks>Shares of bins are exact for few rows, else within the sketch's rank error.</remarks>
sealed class Density : FittedFunction
{
    public static readonly Density Instance = new();

    Density()
        : base("density", ValueKind.Number, FittedOperand.Number("x"))
    {
    }

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Whole("bins", 20, 1, 10_000)];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<QuantileSketch>(
        new QuantilesAnalyzer(node.Operands[0]), quantiles => Conclude(node.Operands[0], quantiles, (int)node.Options[0]));

    static Expr Conclude(Expr x, QuantileSketch quantiles, int bins)
    {
        // Halves, so that the difference of extremes is finite.
        var half = quantiles.Count == 0 ? 0 : quantiles.Max / 2 - quantiles.Min / 2;
        // The last bin has its end.
        double[] edges =
        [
            .. Enumerable.Range(0, bins).Select(bin => quantiles.Min + half * bin / bins + half * bin / bins),
            Math.BitIncrement(quantiles.Max),
        ];
        if (half == 0 || edges.Zip(edges.Skip(1)).Any(pair => pair.First >= pair.Second) || !double.IsFinite(edges[^1]))
        {
            return x * 0;
        }

        double[] below = [.. edges.Select(edge => quantiles.ShareAtOrBelow(Math.BitDecrement(edge)))];
        var densities = Enumerable.Range(0, bins).Select(bin => (below[bin + 1] - below[bin]) / (edges[bin + 1] - edges[bin]));
        // Below, the bins, above, and one for missing x, which x · 0 keeps missing.
        return x * 0 + new PickExpr(
            new BucketizeExpr(x, new FixedBoundaries([.. edges])), [0, .. densities.Select(NumberKernels.Finite), 0, 0]);
    }
}

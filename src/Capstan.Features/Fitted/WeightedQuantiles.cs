using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// quantile(x, share, weight: w): as the statistic without weights, where a row of weight 2 counts as two rows.
/// </summary>
sealed class WeightedQuantile : FittedFunction
{
    public static readonly WeightedQuantile Instance = new();

    WeightedQuantile()
        : base("quantile", ValueKind.Number, FittedOperand.Number("x"), WeightedQuantilesAnalyzer.Weight)
    {
    }

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Real("share", null, 0, 1)];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<WeightedQuantileSketch>(
        new WeightedQuantilesAnalyzer(node.Operands[0], node.Operands[1]),
        quantiles => new NumberExpr(quantiles.Count == 0 ? 0 : quantiles.Quantile(node.Options[0])));
}

/// <summary>bucketize(x, buckets, weight: w): buckets of equal weight.</summary>
sealed class WeightedBuckets : FittedFunction
{
    public static readonly WeightedBuckets Instance = new();

    WeightedBuckets()
        : base("bucketize", ValueKind.Category, FittedOperand.Number("x"), WeightedQuantilesAnalyzer.Weight)
    {
    }

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Whole("buckets", null, 2, 1_000_000)];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<WeightedQuantileSketch>(
        new WeightedQuantilesAnalyzer(node.Operands[0], node.Operands[1]),
        quantiles => new BucketizeExpr(node.Operands[0], new FixedBoundaries([.. quantiles.Boundaries((int)node.Options[0])])));
}

/// <summary>Rows whose number or weight is missing, or whose weight is not above 0, do not count.</summary>
sealed record WeightedQuantilesAnalyzer(Expr X, Expr RowWeight) : Analyzer<WeightedQuantileSketch>([X, RowWeight], [])
{
    public static readonly FittedOperand Weight = FittedOperand.Named("weight", ValueKind.Number);

    public override void Observe(WeightedQuantileSketch state, in PassRows rows)
    {
        var x = rows.Numbers(0);
        var weights = rows.Numbers(1);
        for (var row = 0; row < x.Length; row++)
        {
            state.Observe(x[row], weights[row]);
        }
    }
}

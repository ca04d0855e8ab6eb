using Capstan.Data;

namespace Capstan.Features;

/// <summary>What is concluded from a <see cref="SqlDistribution"/>: weighted quantiles and buckets, and transforms by quantiles.</summary>
sealed class SqlDistributionFitting : SqlFitting
{
    readonly FittedExpr _node;
    readonly Expr? _weight;
    readonly IReadOnlyList<double> _shares;
    readonly Func<ColumnBatch, Expr> _conclude;

    SqlDistributionFitting(FittedExpr node, Expr? weight, IReadOnlyList<double> shares, Func<ColumnBatch, Expr> conclude)
        : base([node]) => (_node, _weight, _shares, _conclude) = (node, weight, shares, conclude);

    public override Schema Result => SqlDistribution.Result;

    public static SqlDistributionFitting OfWeightedQuantile(FittedExpr node) => new(
        node, node.Operands[1], [node.Options[0]],
        rows => new NumberExpr(rows.RowCount == 0 ? 0 : SqlDistribution.Quantile(rows, node.Options[0])));

    public static SqlDistributionFitting OfWeightedBuckets(FittedExpr node)
    {
        var buckets = (int)node.Options[0];
        return new SqlDistributionFitting(
            node, node.Operands[1], [.. Enumerable.Range(1, buckets - 1).Select(index => (double)index / buckets)],
            rows => new BucketizeExpr(node.Operands[0], new FixedBoundaries([.. SqlDistribution.Boundaries(rows, buckets)])));
    }

    public static SqlDistributionFitting OfTransform(FittedExpr node, QuantileTransform transform) => new(
        node, null, QuantileTransform.Shares,
        rows => transform.Of(node.Operands[0], KnotsOf(rows), rows.RowCount == 0 ? 0 : rows.Columns[3].Float64s[0]));

    public override string Query(SqlInput input) => SqlDistribution.Query(input, _node, _node.Operands[0], _weight, _shares);

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed) => [_conclude(rows)];

    static IEnumerable<(double Value, double Share)> KnotsOf(ColumnBatch rows)
    {
        if (rows.RowCount == 0)
        {
            yield break;
        }

        double[] wanted = [rows.Columns[0].Float64s[0], .. QuantileTransform.Shares.Select(share => SqlDistribution.Quantile(rows, share)), rows.Columns[0].Float64s[^1]];
        foreach (var value in wanted.Distinct())
        {
            var row = rows.Columns[0].Float64s.IndexOf(value);
            var total = rows.Columns[3].Float64s[row];
            yield return (value, (rows.Columns[1].Float64s[row] / total + rows.Columns[2].Float64s[row] / total) / 2);
        }
    }
}

using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Statistics and boundaries of all rows: one query whose only row has a column for each node.</summary>
sealed class SqlNumbersFitting(ImmutableArray<Expr> nodes) : SqlFitting(nodes)
{
    /// <summary>Whether a node's constants are numbers of all rows.</summary>
    public static bool Finds(Expr node) => node is StatisticExpr or BucketizeExpr;

    public override Schema Result => Columns([.. Nodes.Select(node => node is BucketizeExpr ? DataType.Text : DataType.Float64)]);

    public override string Query(SqlInput input) => Select(input, (node, aggregate) => $"{aggregate} AS {SqlText.Identifier(node.ToString())}");

    public override string ReadQuery(SqlInput input) =>
        Select(input, (node, aggregate) => node is BucketizeExpr ? SqlAggregates.Written(aggregate) : $"CAST({aggregate} AS DOUBLE PRECISION)");

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed) =>
        Nodes.Select((node, index) => Constant(node, rows.Columns[index].ValueAt(0)));

    string Select(SqlInput input, Func<Expr, string, string> column)
    {
        var (steps, expressions) = input.Begin(Nodes);
        var operands = Nodes.Select(node => expressions.NumberOf(ExprChildren.Of(node)[0])).ToArray();
        return steps.Query(string.Join(",\n  ", Nodes.Zip(operands, (node, value) => column(node, Aggregate(node, value.Text, input.Dialect)))), operands);
    }

    static string Aggregate(Expr node, string value, SqlDialect dialect) => node switch
    {
        StatisticExpr { Statistic: Statistic.Quantile, Argument: var share } =>
            $"COALESCE({SqlAggregates.Percentile(value, SqlText.Number(share, dialect))}, {SqlText.Number(0, dialect)})",
        StatisticExpr { Statistic: var statistic } => SqlAggregates.Of(node, statistic, value, dialect),
        BucketizeExpr { Boundaries: QuantileBoundaries { Buckets: var buckets } } => SqlAggregates.Boundaries(node, value, buckets, dialect),
        _ => throw new SqlNotSupportedException(node, dialect, $"there is no SQL for {node.GetType().Name}."),
    };

    static Expr Constant(Expr node, object? found) => (node, found) switch
    {
        (StatisticExpr, double number) => new NumberExpr(number),
        (BucketizeExpr bucketize, _) => bucketize with { Boundaries = new FixedBoundaries([.. SqlAggregates.NumbersIn((string?)found).Distinct()]) },
        // A sum of huge numbers that the database did not refuse.
        _ => throw new ExpressionException(node, "the database's result is no finite number; clip the operand, or fit the feature without pushdown."),
    };
}

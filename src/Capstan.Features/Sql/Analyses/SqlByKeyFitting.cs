using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Statistics by key (mean_by and its like), one row for each key: all nodes have the same operands.</summary>
sealed class SqlStatisticsByKeyFitting(ImmutableArray<FittedExpr> nodes) : SqlFitting([.. nodes])
{
    static readonly long Most = ByKey<Moments>.DefaultMaxKeys;

    public override Schema Result => Columns([DataType.Text, DataType.Int64, .. nodes.Select(_ => DataType.Float64)]);

    public override ImmutableArray<Expr> Needs => [.. nodes.Select(OverAll)];

    public override string Query(SqlInput input) => SqlByKey.Query(
        input, nodes[0], Most, x => string.Concat(nodes.Select((node, index) =>
            $",\n  {SqlAggregates.Of(node, StatisticOf(node), x, input.Dialect)} AS {SqlText.Identifier(index == 0 ? "value" : $"value{index + 1}")}")));

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed)
    {
        SqlByKey.Check(rows, nodes[0], Most);
        return nodes.Select((node, index) => KeyTable.Of(
            node.Operands[1],
            SqlByKey.KeptRows(rows, node.Options[0]).Select(row => (TextAt(rows, 0, row), rows.Columns[2 + index].Float64s[row])),
            ((NumberExpr)needed[OverAll(node)]).Value));
    }

    static Statistic StatisticOf(FittedExpr node) => ((StatisticByKey)node.Function).Statistic;

    static Expr OverAll(FittedExpr node) => new StatisticExpr(StatisticOf(node), 0, node.Operands[0]);
}

/// <summary>Boundaries by key (bucketize_by), one row for each key.</summary>
sealed class SqlBucketsByKeyFitting(FittedExpr node) : SqlFitting([node])
{
    readonly BucketizeExpr _overAll = new(node.Operands[0], new QuantileBoundaries((int)node.Options[0]));

    public override Schema Result => Columns(DataType.Text, DataType.Int64, DataType.Text);

    public override ImmutableArray<Expr> Needs => [_overAll];

    public override string Query(SqlInput input) => SqlByKey.Query(
        input, node, BucketizeByKey.MaxKeys, x => $",\n  {SqlAggregates.Boundaries(node, x, (int)node.Options[0], input.Dialect)} AS boundaries");

    public override string ReadQuery(SqlInput input) => SqlByKey.Query(
        input, node, BucketizeByKey.MaxKeys,
        x => $",\n  {SqlAggregates.Written(SqlAggregates.Boundaries(node, x, (int)node.Options[0], input.Dialect))} AS boundaries");

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed)
    {
        SqlByKey.Check(rows, node, BucketizeByKey.MaxKeys);
        var kept = SqlByKey.KeptRows(rows, node.Options[1]).ToArray();
        return
        [
            BucketizeByKey.Of(
                node, kept.Select(row => (
                    TextAt(rows, 0, row), new FixedBoundaries([.. SqlAggregates.NumbersIn(TextAt(rows, 2, row)).Distinct()]))),
                (FixedBoundaries)((BucketizeExpr)needed[_overAll]).Boundaries),
        ];
    }
}

/// <summary>How many rows each key has (count_by), one row for each key, the most frequent first.</summary>
sealed class SqlCountByKeyFitting(FittedExpr node) : SqlFitting([node])
{
    public override Schema Result => Columns(DataType.Text, DataType.Int64);

    public override string Query(SqlInput input)
    {
        var (steps, expressions) = input.Begin(node);
        var key = expressions.TextOf(node, node.Operands[0]);
        return $"{steps.Query($"{key.Text} AS key,\n  COUNT(*) AS rows", [key])}\nWHERE {key.Text} IS NOT NULL\nGROUP BY {key.Text}\n" +
            $"ORDER BY COUNT(*) DESC, {input.ByBytes(node, key.Text)} DESC\n{input.Limit(TopValues.DefaultMaxValues + 1L)}";
    }

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed)
    {
        if (rows.RowCount > TopValues.DefaultMaxValues)
        {
            throw new KeysFullException(node.ToString(), node.Operands[0].ToString(), TopValues.DefaultMaxValues);
        }

        return [KeyTable.Of(node.Operands[0], Enumerable.Range(0, rows.RowCount).Select(row => (TextAt(rows, 0, row), (double)rows.Columns[1].Int64s[row])), 0)];
    }
}

/// <summary>What is asked of the rows that have a key and a number, in the order of the keys' bytes.</summary>
static class SqlByKey
{
    /// <param name="node">Its operands are the number and the key.</param>
    /// <param name="most">One key more tells that there are too many.</param>
    /// <param name="aggregates">Given the number's column, what is wanted of it, each led by a comma.</param>
    public static string Query(SqlInput input, FittedExpr node, long most, Func<string, string> aggregates)
    {
        var (steps, expressions) = input.Begin(node);
        var (x, key) = (expressions.NumberOf(node.Operands[0]), expressions.TextOf(node, node.Operands[1]));
        return $"{steps.Query($"{key.Text} AS key,\n  COUNT(*) AS rows{aggregates(x.Text)}", [x, key])}\n" +
            $"WHERE {key.Text} IS NOT NULL AND {x.Text} IS NOT NULL\nGROUP BY {key.Text}\nORDER BY {input.ByBytes(node, key.Text)}\n{input.Limit(most + 1)}";
    }

    /// <summary>The rows of keys that have enough.</summary>
    public static IEnumerable<int> KeptRows(ColumnBatch rows, double minRows) =>
        Enumerable.Range(0, rows.RowCount).Where(row => rows.Columns[1].Int64s[row] >= minRows);

    /// <exception cref="KeysFullException">There are more keys than a pass of the engine's keeps.</exception>
    public static void Check(ColumnBatch rows, FittedExpr node, long most)
    {
        if (rows.RowCount > most)
        {
            throw new KeysFullException(node.ToString(), node.Operands[1].ToString(), (int)most);
        }
    }
}

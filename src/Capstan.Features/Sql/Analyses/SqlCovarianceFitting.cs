using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Means and covariances of some operands, of the rows that have all of them: for themselves, and for principal components.</summary>
sealed class SqlCovarianceFitting(ImmutableArray<FittedExpr> nodes) : SqlFitting([.. nodes])
{
    readonly ValueList<Expr> _operands = nodes[0].Operands;

    public override Schema Result => Columns(DataType.Int64, DataType.Text);

    public override string Query(SqlInput input) => Select(input, list => list);

    public override string ReadQuery(SqlInput input) => Select(input, SqlAggregates.Written);

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed)
    {
        var (count, width) = (rows.Columns[0].Int64s[0], _operands.Count);
        double[] numbers = [.. SqlAggregates.NumbersIn((string?)rows.Columns[1].ValueAt(0))];
        var covariance = count == 0 ? Covariance.Empty : Covariance.Of(count, numbers.AsSpan(0, width), numbers.AsSpan(width));
        return nodes.Select(node => node.Function is CovarianceOf ? CovarianceOf.Of(covariance) : PrincipalComponent.Of(node, covariance));
    }

    string Select(SqlInput input, Func<string, string> written)
    {
        if (input.Dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(nodes[0], input.Dialect, "the standard has no covariances of a list.");
        }

        var (steps, expressions) = input.Begin(_operands);
        var values = _operands.Select(expressions.NumberOf).ToArray();
        var mean = input.Dialect == SqlDialect.DuckDb ? "favg" : "AVG";
        var numbers = values.Select(x => $"{mean}({x.Text})").Concat(
            values.SelectMany((x, left) => values[left..].Select(y => $"COVAR_POP({x.Text}, {y.Text})")));
        var list = $"{(input.Dialect == SqlDialect.DuckDb ? "" : "ARRAY")}[{string.Join(", ", numbers)}]";
        var limit = input.Number(Covariance.Largest);
        return $"{steps.Query($"COUNT(*) AS rows,\n  {written(list)} AS means_and_covariances", values)}\n" +
            $"WHERE {string.Join(" AND ", values.Select(x => $"ABS({x.Text}) <= {limit}"))}";
    }
}

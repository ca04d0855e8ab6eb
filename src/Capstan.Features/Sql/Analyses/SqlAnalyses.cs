using System.Collections.Immutable;
using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The queries that find what nodes over frozen operands need: all numbers of all rows in one, and one for each set of keys or terms.</summary>
static class SqlAnalyses
{
    /// <param name="pending">Nodes that need a pass, over operands that need none; each once.</param>
    /// <exception cref="SqlNotSupportedException">There is no query for a node, in any dialect.</exception>
    public static ImmutableArray<SqlFitting> Of(IReadOnlyList<Expr> pending, SqlDialect dialect)
    {
        var others = new List<SqlFitting>();
        foreach (var group in pending.Where(node => !SqlNumbersFitting.Finds(node)).GroupBy(SubjectOf))
        {
            others.AddRange(FittingsOf([.. group], dialect));
        }

        ImmutableArray<Expr> numbers = [.. pending.Where(SqlNumbersFitting.Finds).Concat(others.SelectMany(fitting => fitting.Needs)).Distinct()];
        return [.. numbers.IsEmpty ? [] : new[] { new SqlNumbersFitting(numbers) }, .. others];
    }

    /// <summary>The queries for a person, over a graph whose nodes are not over one another.</summary>
    public static IReadOnlyList<SqlAnalysis> Of(TransformGraph graph, SqlDialect dialect, string table)
    {
        Expr[] pending = [.. graph.Features.SelectMany(feature => Pending(feature.Expr)).Distinct()];
        if (pending.FirstOrDefault(node => !ExprChildren.Of(node).All(ExprChildren.IsFrozen)) is { } nested)
        {
            throw new SqlNotSupportedException(
                nested, dialect, "it is over another statistic, whose value must be known first; train with --pushdown, which asks one after the other.");
        }

        var input = SqlInput.Table(graph.Input, dialect, table);
        return [.. Of(pending, dialect).Select(fitting => new SqlAnalysis(fitting.Nodes, fitting.Query(input)))];
    }

    static IEnumerable<Expr> Pending(Expr expr) =>
        ExprChildren.Of(expr).SelectMany(Pending).Concat(ExprChildren.NeedsPass(expr) ? [expr] : []);

    /// <summary>Nodes with equal subjects share a query.</summary>
    static object SubjectOf(Expr node) => node switch
    {
        FittedExpr { Function: StatisticByKey } fitted => (typeof(StatisticByKey), fitted.Operands),
        FittedExpr { Function: PrincipalComponent or CovarianceOf } fitted => (typeof(Covariance), fitted.Operands),
        _ => node,
    };

    static IEnumerable<SqlFitting> FittingsOf(ImmutableArray<Expr> nodes, SqlDialect dialect) => nodes[0] switch
    {
        VocabularyExpr { Terms: LearnedTerms terms } vocabulary => [new SqlTermsFitting(vocabulary, terms)],
        TermVectorExpr { Terms: LearnedVectorTerms terms } vector => [new SqlTermVectorFitting(vector, terms)],
        FittedExpr first => first.Function switch
        {
            StatisticByKey => [new SqlStatisticsByKeyFitting([.. nodes.Cast<FittedExpr>()])],
            CountByKey => [new SqlCountByKeyFitting(first)],
            BucketizeByKey => [new SqlBucketsByKeyFitting(first)],
            InformativeTerms => [new SqlInformativeFitting(first)],
            WeightedQuantile => [SqlDistributionFitting.OfWeightedQuantile(first)],
            WeightedBuckets => [SqlDistributionFitting.OfWeightedBuckets(first)],
            QuantileTransform transform => [SqlDistributionFitting.OfTransform(first, transform)],
            PrincipalComponent or CovarianceOf => [new SqlCovarianceFitting([.. nodes.Cast<FittedExpr>()])],
            TargetEncoding => throw new SqlNotSupportedException(
                first, dialect, "a training row must not see its own label, and which rows it may see goes by their places here; fit it without pushdown."),
            var other => throw new SqlNotSupportedException(first, dialect, $"there is no query for {other.Name}; fit it without pushdown."),
        },
        _ => throw new UnreachableException(),
    };
}

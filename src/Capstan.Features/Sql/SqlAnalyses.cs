using Capstan.Data;

namespace Capstan.Features;

/// <summary>The analyses of a graph as queries: numbers together in one, each vocabulary in its own.</summary>
static class SqlAnalyses
{
    public static IReadOnlyList<SqlAnalysis> Of(TransformGraph graph, SqlDialect dialect, string table)
    {
        Expr[] pending = [.. graph.Features.SelectMany(feature => Pending(feature.Expr)).Distinct()];
        if (pending.FirstOrDefault(node => !ExprChildren.Of(node).All(ExprChildren.IsFrozen)) is { } nested)
        {
            throw new SqlNotSupportedException(nested, dialect, "it is over another statistic, whose value must be known first; fit it in Capstan.");
        }

        if (pending.OfType<FittedExpr>().FirstOrDefault() is { } fitted)
        {
            throw new SqlNotSupportedException(fitted, dialect, $"there is no query for {fitted.Function.Name}; fit it in Capstan.");
        }

        Expr[] numbers = [.. pending.Where(node => node is not VocabularyExpr)];
        var vocabularies = pending.OfType<VocabularyExpr>().Select(vocabulary => Terms(vocabulary, graph.Input, dialect, table));
        return [.. numbers.Length == 0 ? [] : new[] { Numbers(numbers, graph.Input, dialect, table) }, .. vocabularies];
    }

    static IEnumerable<Expr> Pending(Expr expr) =>
        ExprChildren.Of(expr).SelectMany(Pending).Concat(ExprChildren.NeedsPass(expr) ? [expr] : []);

    static SqlAnalysis Numbers(Expr[] nodes, Schema input, SqlDialect dialect, string table)
    {
        var steps = new SqlSteps(table, dialect);
        var expressions = new SqlExpressions(input, steps, dialect);
        var operands = nodes.Select(node => expressions.NumberOf(ExprChildren.Of(node)[0])).ToArray();
        var columns = nodes.Zip(operands, (node, value) => $"{Aggregate(node, value.Text, dialect)} AS {SqlText.Identifier(node.ToString())}");
        return new SqlAnalysis(nodes, steps.Query(string.Join(",\n  ", columns), operands));
    }

    static string Aggregate(Expr node, string value, SqlDialect dialect) => node switch
    {
        StatisticExpr { Statistic: Statistic.Quantile, Argument: var share } => $"COALESCE({Percentile(value, Of(share, dialect))}, {Of(0, dialect)})",
        StatisticExpr { Statistic: var statistic } => statistic switch
        {
            Statistic.Mean => $"COALESCE(AVG({value}), {Of(0, dialect)})",
            Statistic.StandardDeviation => $"COALESCE(NULLIF(STDDEV_POP({value}), {Of(0, dialect)}), {Of(1, dialect)})",
            Statistic.Minimum => $"COALESCE(MIN({value}), {Of(0, dialect)})",
            Statistic.Maximum => $"COALESCE(MAX({value}), {Of(0, dialect)})",
            Statistic.Range => $"COALESCE(NULLIF(MAX({value}) - MIN({value}), {Of(0, dialect)}), {Of(1, dialect)})",
            _ => throw new SqlNotSupportedException(node, dialect, $"there is no SQL for {statistic}."),
        },
        BucketizeExpr { Boundaries: QuantileBoundaries { Buckets: var buckets } } => dialect switch
        {
            SqlDialect.PostgreSql => Percentile(value, $"ARRAY[{Shares(buckets, dialect)}]"),
            SqlDialect.DuckDb => $"list_sort(list_distinct(quantile_disc({value}, [{Shares(buckets, dialect)}])))",
            _ => throw new SqlNotSupportedException(node, dialect, "the standard has no percentiles by the list."),
        },
        _ => throw new SqlNotSupportedException(node, dialect, $"there is no SQL for {node.GetType().Name}."),
    };

    static string Of(double value, SqlDialect dialect) => SqlText.Number(value, dialect);

    static string Percentile(string value, string shares) => $"PERCENTILE_DISC({shares}) WITHIN GROUP (ORDER BY {value})";

    static string Shares(int buckets, SqlDialect dialect) =>
        string.Join(", ", Enumerable.Range(1, buckets - 1).Select(index => Of((double)index / buckets, dialect)));


    static SqlAnalysis Terms(VocabularyExpr vocabulary, Schema input, SqlDialect dialect, string table)
    {
        if (dialect == SqlDialect.Ansi)
        {
            // It would be the column's collation's.
            throw new SqlNotSupportedException(vocabulary, dialect, "the standard has no order of texts by their bytes.");
        }

        var terms = (LearnedTerms)vocabulary.Terms; // what is pending is not known
        var steps = new SqlSteps(table, dialect);
        var term = new SqlExpressions(input, steps, dialect).TextOf(vocabulary, vocabulary.Operand);
        // PostgreSQL's text has the collation "C", which orders by bytes, as UTF-8 has them.
        var order = dialect == SqlDialect.DuckDb ? $"encode({term.Text})" : term.Text;
        var counted = steps.Query($"{term.Text} AS term,\n  COUNT(*) AS occurrences", [term]);
        return new SqlAnalysis(
            [vocabulary],
            $"{counted}\nWHERE {term.Text} IS NOT NULL\nGROUP BY {term.Text}\nHAVING COUNT(*) >= {terms.MinCount}\n" +
            $"ORDER BY COUNT(*) DESC, {order} DESC\n" +
            (dialect == SqlDialect.DuckDb ? $"LIMIT {terms.MaxSize}" : $"FETCH FIRST {terms.MaxSize} ROWS ONLY"));
    }
}

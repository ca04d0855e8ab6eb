using Capstan.Data;

namespace Capstan.Features;

/// <summary>The terms of a vocabulary, one row each, in its order.</summary>
sealed class SqlTermsFitting(VocabularyExpr node, LearnedTerms terms) : SqlFitting([node])
{
    public override Schema Result => Columns(DataType.Text, DataType.Int64);

    /// <exception cref="SqlNotSupportedException">The standard has no order of texts by their bytes.</exception>
    public override string Query(SqlInput input)
    {
        var (steps, expressions) = input.Begin(node);
        var term = expressions.TextOf(node, node.Operand);
        return $"{steps.Query($"{term.Text} AS term,\n  COUNT(*) AS occurrences", [term])}\n" +
            $"WHERE {term.Text} IS NOT NULL\nGROUP BY {term.Text}\nHAVING COUNT(*) >= {terms.MinCount}\n" +
            $"ORDER BY COUNT(*) DESC, {input.ByBytes(node, term.Text)} DESC\n{input.Limit(VocabularyFitting.WantedOf(terms))}";
    }

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed) =>
        [VocabularyFitting.Of(node, terms, [.. Enumerable.Range(0, rows.RowCount).Select(row => TextAt(rows, 0, row))])];
}

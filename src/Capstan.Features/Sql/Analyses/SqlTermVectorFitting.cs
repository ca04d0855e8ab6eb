using Capstan.Data;

namespace Capstan.Features;

/// <summary>In how many lists each item stands, one row each in the terms' order, after a row without an item that counts all lists.</summary>
sealed class SqlTermVectorFitting(TermVectorExpr node, LearnedVectorTerms terms) : SqlFitting([node])
{
    public override Schema Result => Columns(DataType.Text, DataType.Int64);

    public override string Query(SqlInput input)
    {
        var (steps, expressions) = input.Begin(node);
        var list = expressions.Of(Expressions.Distinct(node.Operand));
        var item = input.Dialect == SqlDialect.PostgreSql ? "item COLLATE \"C\"" : "item";
        return
            $"SELECT term, lists\nFROM (SELECT NULL AS term, COUNT(list) AS lists\nFROM ({steps.Query($"{list.Text} AS list", [list])}) AS documents\n" +
            $"UNION ALL SELECT {item}, COUNT(*)\nFROM ({steps.Query($"UNNEST({list.Text}) AS item", [list])}) AS items\n" +
            $"GROUP BY item HAVING COUNT(*) >= {terms.MinCount}) AS counted\n" +
            $"ORDER BY CASE WHEN term IS NULL THEN 0 ELSE 1 END, lists DESC, {input.ByBytes(node, "term")} DESC\n{input.Limit(terms.MaxSize + 1L)}";
    }

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed) =>
    [
        TermVectorFitting.Of(
            node, terms, rows.Columns[1].Int64s[0],
            [.. Enumerable.Range(1, rows.RowCount - 1).Select(row => (TextAt(rows, 0, row), rows.Columns[1].Int64s[row]))]),
    ];
}

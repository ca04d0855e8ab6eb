using Capstan.Data;

namespace Capstan.Features;

/// <summary>How often each term stands with a true and how often with any label, and first, without a term, the same of all rows.</summary>
sealed class SqlInformativeFitting(FittedExpr node) : SqlFitting([node])
{
    static readonly int Most = ByKey<LabelCounts>.DefaultMaxKeys;

    public override Schema Result => Columns(DataType.Text, DataType.Int64, DataType.Int64);

    public override string Query(SqlInput input)
    {
        var (steps, expressions) = input.Begin(node);
        var (term, label) = (expressions.TextOf(node, node.Operands[0]), expressions.Of(node.Operands[1]));
        var counts = $"COUNT(CASE WHEN {label.Text} THEN 1 END) AS with_true,\n  COUNT(*) AS with_any";
        return $"{steps.Query($"{term.Text} AS term,\n  {counts}", [term, label])}\nWHERE {label.Text} IS NOT NULL\n" +
            $"GROUP BY GROUPING SETS (({term.Text}), ())\nHAVING GROUPING({term.Text}) = 1 OR {term.Text} IS NOT NULL\n" +
            $"ORDER BY GROUPING({term.Text}) DESC, {input.ByBytes(node, term.Text)}\n{input.Limit(Most + 2L)}";
    }

    public override IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed)
    {
        if (rows.RowCount > Most + 1)
        {
            throw new KeysFullException(node.ToString(), node.Operands[0].ToString(), Most);
        }

        return [InformativeTerms.Of(node, Enumerable.Range(1, rows.RowCount - 1).Select(row => (TextAt(rows, 0, row), CountsAt(row))), CountsAt(0))];

        LabelCounts CountsAt(int row) => LabelCounts.Of(rows.Columns[1].Int64s[row], rows.Columns[2].Int64s[row]);
    }
}

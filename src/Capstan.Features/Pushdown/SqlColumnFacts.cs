using Capstan.Data;

namespace Capstan.Features;

/// <summary>A column's facts by SQL.</summary>
sealed class SqlColumnFacts(SqlRelation relation, Field column, int mostFrequent)
{
    static readonly Schema Counts = new([new Field("rows", DataType.Int64), new Field("present", DataType.Int64)]);

    readonly ColumnExpr _column = new(column.Name);

    public static async Task<long> CountAsync(SqlRelation relation, CancellationToken cancellationToken)
    {
        var counted = await relation.Database.AllAsync(
            $"SELECT COUNT(*) FROM {relation.Of([])}", new Schema([new Field("rows", DataType.Int64)]), cancellationToken);
        return counted.Columns[0].Int64s[0];
    }

    public async Task<ColumnFacts> AskAsync(CancellationToken cancellationToken)
    {
        var isNumber = column.Type is DataType.Int64 or DataType.Float64;
        var (steps, expressions) = relation.Input.Begin(_column);
        var value = expressions.Of(_column);
        var asked = await relation.Database.AllAsync(
            steps.Query($"COUNT(*), COUNT({value.Text}){(isNumber ? $", MIN({value.Text}), MAX({value.Text})" : "")}", [value]),
            isNumber ? new Schema([.. Counts.Fields, new Field("low", DataType.Float64), new Field("high", DataType.Float64)])
                : Counts,
            cancellationToken);
        var (rows, present) = (asked.Columns[0].Int64s[0], asked.Columns[1].Int64s[0]);
        (double Low, double High)? ends = isNumber && present > 0 ? (asked.Columns[2].Float64s[0], asked.Columns[3].Float64s[0])
            : null;
        return new ColumnFacts(
            rows, present, ends, ends is { } between && await HasMoreAsync(between, cancellationToken),
            column.Type == DataType.Text ? await FrequentAsync(cancellationToken) : []);
    }

    async Task<bool> HasMoreAsync((double Low, double High) ends, CancellationToken cancellationToken)
    {
        var input = relation.Input;
        var (steps, expressions) = input.Begin(_column);
        var value = expressions.Of(_column);
        var found = await relation.Database.AllAsync(
            $"{steps.Query($"{value.Text} AS value", [value])}\nWHERE {value.Text} > {input.Number(ends.Low)} AND {value.Text} < {input.Number(ends.High)}\n{input.Limit(1)}",
            new Schema([new Field("value", DataType.Float64)]), cancellationToken);
        return found.RowCount > 0;
    }

    async Task<IReadOnlyList<string>> FrequentAsync(CancellationToken cancellationToken)
    {
        var terms = new LearnedTerms(mostFrequent, 1, 1);
        var fitting = new SqlTermsFitting(new VocabularyExpr(_column, terms), terms);
        var found = await relation.Database.AllAsync(fitting.ReadQuery(relation.Input), fitting.Result, cancellationToken);
        return [.. Enumerable.Range(0, found.RowCount).Select(row => (string)found.Columns[0].ValueAt(row)!)]; // terms are there
    }
}

using Capstan.Data;

namespace Capstan.Features;

/// <summary>The rows that queries are over.</summary>
/// <param name="Schema">Of the raw columns.</param>
/// <param name="Relation">What follows FROM, given the columns that a query reads.</param>
sealed record SqlInput(Schema Schema, SqlDialect Dialect, Func<IReadOnlyList<string>, string> Relation)
{
    /// <summary>A table under its own name.</summary>
    public static SqlInput Table(Schema schema, SqlDialect dialect, string table) => new(schema, dialect, _ => table);

    /// <summary>Begins a query that computes some expressions.</summary>
    public (SqlSteps Steps, SqlExpressions Expressions) Begin(params IEnumerable<Expr> read)
    {
        string[] columns = [.. read.SelectMany(ExprChildren.ColumnsOf).Distinct(StringComparer.Ordinal)];
        var steps = new SqlSteps(Relation(columns), Dialect);
        return (steps, new SqlExpressions(Schema, steps, Dialect));
    }

    /// <summary>What texts are ordered by so that they come as their UTF-8 bytes are ordered.</summary>
    /// <exception cref="SqlNotSupportedException">The standard has no such order; a column's collation says.</exception>
    public string ByBytes(Expr node, string text) => Dialect switch
    {
        SqlDialect.DuckDb => $"encode({text})",
        SqlDialect.PostgreSql => text, // whose collation is "C"
        _ => throw new SqlNotSupportedException(node, Dialect, "the standard has no order of texts by their bytes."),
    };

    public string Limit(long rows) => Dialect == SqlDialect.DuckDb ? $"LIMIT {rows}" : $"FETCH FIRST {rows} ROWS ONLY";

    public string Number(double value) => SqlText.Number(value, Dialect);
}

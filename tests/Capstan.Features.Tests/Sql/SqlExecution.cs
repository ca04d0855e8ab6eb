using System.Globalization;
using Capstan.Data;
using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests.Sql;

/// <summary>The compiled SELECT in a database. Held to the bit where the database calls the C library that .NET calls.</summary>
/// <param name="open">Puts rows into a table of their own.</param>
sealed class SqlExecution(SqlDialect dialect, Func<ColumnBatch, SqlTable> open) : Execution(dialect.ToString())
{
    /// <summary>A database plans a query of some expressions faster than one for each, and than one of all.</summary>
    const int ExpressionsPerQuery = 10;

    public override string? Refuses(Expr expr)
    {
        try
        {
            _ = Compile([expr]);
            return null;
        }
        catch (SqlNotSupportedException refusal)
        {
            return NameOf(refusal.Expression.ToString());
        }
    }

    public override object?[][] Run(IReadOnlyList<Expr> expressions, ColumnBatch rows)
    {
        using var table = open(rows);
        return [.. expressions.Chunk(ExpressionsPerQuery).SelectMany(chunk => Run(table, chunk, rows.RowCount))];
    }

    object?[][] Run(SqlTable table, Expr[] expressions, int rowCount)
    {
        var found = Query(table, expressions);
        Assert.Equal(rowCount, found.Count);
        return [.. expressions.Select((_, index) => found.Select(row => ValueOf(row[index])).ToArray())];
    }

    List<object?[]> Query(SqlTable table, Expr[] expressions)
    {
        var sql = Compile(expressions);
        try
        {
            return table.Query(sql);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{failure.Message}\n{string.Join("\n", expressions.Select(expr => expr.ToString()))}\n{sql}", failure);
        }
    }

    string Compile(Expr[] expressions) => SqlCompiler.Compile(
        new FrozenTransform(ExprGenerator.Schema, [.. expressions.Select((expr, index) => ($"f{index}", expr))]), dialect, "rows");

    static object? ValueOf(object? value) => value is null or double ? value : Convert.ToInt64(value, CultureInfo.InvariantCulture);
}

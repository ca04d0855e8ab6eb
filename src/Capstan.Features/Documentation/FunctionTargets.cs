using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Where a function can be executed besides the engine: what the compilers to SQL and ONNX say when they are given its usage.
/// </summary>
public static class FunctionTargets
{
    /// <summary>Each with why it can't compute the usage; null where it can.</summary>
    /// <param name="example">Of the function; fitted, since constants are what is compiled.</param>
    public static IReadOnlyList<(string Target, string? Refusal)> Of(FunctionExample example)
    {
        var transform = new FrozenTransform(FunctionExample.Schema, [("f", AsFeature(example)), ("x", new ColumnExpr("x"))]);
        return
        [
            ("DuckDB", Refusal(() => SqlCompiler.Compile(transform, SqlDialect.DuckDb, "t"))),
            ("PostgreSQL", Refusal(() => SqlCompiler.Compile(transform, SqlDialect.PostgreSql, "t"))),
            ("ANSI SQL", Refusal(() => SqlCompiler.Compile(transform, SqlDialect.Ansi, "t"))),
            ("ONNX", Refusal(() => OnnxTransform.Export(transform))),
        ];
    }

    /// <summary>
    /// Texts, lists and times are no features: compared with a column or counted they are, and every target compares them.
    /// </summary>
    static Expr AsFeature(FunctionExample example) => example.Kind switch
    {
        ValueKind.Text => Expressions.Equal(example.Fitted, new ColumnExpr("c")),
        ValueKind.List => Expressions.Count(example.Fitted),
        ValueKind.Time => example.Fitted >= new ColumnExpr("t"),
        _ => example.Fitted,
    };

    static string? Refusal(Func<object> compile)
    {
        try
        {
            _ = compile();
            return null;
        }
        catch (Exception refused) when (refused is SqlNotSupportedException or OnnxNotSupportedException)
        {
            return refused.Message;
        }
    }
}

using Capstan.Data;
using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests.Onnx;

/// <summary>The exported graph in ONNX Runtime, in the double precision that it computes in.</summary>
sealed class OnnxExecution() : Execution("ONNX")
{
    /// <summary>ONNX Runtime loads some small graphs sooner than one large one.</summary>
    const int ExpressionsPerGraph = 8;

    public override string? Refuses(Expr expr)
    {
        try
        {
            new OnnxCompiler(new OnnxGraph(), ExprGenerator.Schema).Value(expr);
            return null;
        }
        catch (OnnxNotSupportedException refusal)
        {
            return NameOf(refusal.What);
        }
    }

    /// <summary>
    /// Bounds hold for a function from the runtime's mathematical library with exact operands. Its last places may change all that is computed from them.
    /// </summary>
    public override Closeness? BoundOf(Expr expr) =>
        !ExprChildren.Of(expr).All(IsExact) ? null : IsExactStep(expr) ? Closeness.ToTheBit : BoundOfStep(expr);

    public override object?[][] Run(IReadOnlyList<Expr> expressions, ColumnBatch rows) =>
        [.. expressions.Chunk(ExpressionsPerGraph).SelectMany(chunk => RunTogether(chunk, rows))];

    static object?[][] RunTogether(Expr[] expressions, ColumnBatch rows)
    {
        using var model = OnnxValues.Of(rows.Schema, expressions);
        var found = model.Run(rows);
        return [.. expressions.Select((_, index) => Enumerable.Range(0, rows.RowCount).Select(row => ValueOf(found[$"value.{index}"], row)).ToArray())];
    }

    static bool IsExact(Expr expr) => IsExactStep(expr) && ExprChildren.Of(expr).All(IsExact);

    static bool IsExactStep(Expr expr) => expr is not (
        UnaryExpr
        {
            Operator: UnaryOperator.Log or UnaryOperator.LogOnePlus or UnaryOperator.Exponential or UnaryOperator.Sine or UnaryOperator.Cosine,
        }
        or CallExpr
        {
            Function: ScalarFunction.Power or ScalarFunction.LogTen or ScalarFunction.ArcTangent or ScalarFunction.HyperbolicTangent
                or ScalarFunction.Haversine or ScalarFunction.Bearing,
        });

    /// <summary>As the export's documentation states it; null for places, whose errors depend on where they are.</summary>
    static Closeness? BoundOfStep(Expr expr) => expr switch
    {
        UnaryExpr { Operator: UnaryOperator.Sine or UnaryOperator.Cosine } => new Closeness(4, Math.Pow(2, -50)),
        UnaryExpr => new Closeness(4, 0),
        CallExpr { Function: ScalarFunction.HyperbolicTangent } => new Closeness(8, 0),
        CallExpr { Function: ScalarFunction.Power or ScalarFunction.LogTen or ScalarFunction.ArcTangent } => new Closeness(4, 0),
        _ => null,
    };

    static object? ValueOf(Array values, int row) => values switch
    {
        long[] categories => categories[row],
        double[] numbers => double.IsNaN(numbers[row]) ? null : numbers[row],
        _ => throw new InvalidOperationException($"{values.GetType()} is no value of an expression."),
    };
}

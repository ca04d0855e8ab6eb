using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// A number as <c>slope × core + offset</c>: what remains once sums, products and quotients with constants are taken off, such as
/// a z-score's. Clips by constants, and constants in place of missing values, are looked through.
/// </summary>
readonly record struct AffineForm(Expr Core, double Slope, double Offset)
{
    static readonly ColumnBatch NoRows = new BatchBuilder(new Schema([])).Batch;

    public static AffineForm Of(Expr expr) => expr switch
    {
        UnaryExpr { Operator: UnaryOperator.Negate } negation => Of(negation.Operand).Then(-1, 0),
        ImputeExpr impute when ConstantOf(impute.Fallback) is not null => Of(impute.Operand),
        BinaryExpr binary when ConstantOf(binary.Right) is { } right => binary.Operator switch
        {
            BinaryOperator.Add => Of(binary.Left).Then(1, right),
            BinaryOperator.Subtract => Of(binary.Left).Then(1, -right),
            BinaryOperator.Multiply => Of(binary.Left).Then(right, 0),
            BinaryOperator.Divide => Of(binary.Left).Then(1 / right, 0),
            BinaryOperator.Minimum or BinaryOperator.Maximum => Of(binary.Left),
            _ => new AffineForm(expr, 1, 0),
        },
        BinaryExpr binary when ConstantOf(binary.Left) is { } left => binary.Operator switch
        {
            BinaryOperator.Add => Of(binary.Right).Then(1, left),
            BinaryOperator.Subtract => Of(binary.Right).Then(-1, left),
            BinaryOperator.Multiply => Of(binary.Right).Then(left, 0),
            BinaryOperator.Minimum or BinaryOperator.Maximum => Of(binary.Right),
            _ => new AffineForm(expr, 1, 0),
        },
        _ => new AffineForm(expr, 1, 0),
    };

    AffineForm Then(double slope, double offset) => new(Core, slope * Slope, slope * Offset + offset);

    /// <summary>The value of an expression that reads no column; null of any other, or where it is missing.</summary>
    static double? ConstantOf(Expr expr) =>
        ExprChildren.ColumnsOf(expr).Any() || !ExprChildren.IsFrozen(expr) ? null : RowReference.Evaluate(expr, NoRows, 0) as double?;
}

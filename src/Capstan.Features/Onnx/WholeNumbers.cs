using Capstan.Data;

namespace Capstan.Features;

/// <summary>Which numbers are known, before any data is read, to be whole and below 2⁵³: plain digits are their text form.</summary>
static class WholeNumbers
{
    const double LargestExactInteger = 1L << 53;

    // Years of 64-bit microseconds reach about ±292,000.
    const double LargestTimePart = 300_000;

    public static bool Are(Expr expr, Schema schema) => Bound(expr, schema) is < LargestExactInteger;

    /// <summary>A bound of the magnitude of a number that is always whole; null where it may be anything.</summary>
    static double? Bound(Expr expr, Schema schema)
    {
        if (ExprTyping.KindOf(expr, schema) == ValueKind.Truth)
        {
            return 1;
        }

        return expr switch
        {
            NumberExpr number when Math.Floor(number.Value) == number.Value => Math.Abs(number.Value),
            TimePartExpr { Part: not TimePart.EpochSeconds } => LargestTimePart,
            UnaryExpr { Operator: UnaryOperator.Negate or UnaryOperator.Absolute or UnaryOperator.Floor } unary => Bound(unary.Operand, schema),
            BinaryExpr { Operator: BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Modulo } sum =>
                Small(Bound(sum.Left, schema) + Bound(sum.Right, schema)),
            BinaryExpr { Operator: BinaryOperator.Multiply } product => Small(Bound(product.Left, schema) * Bound(product.Right, schema)),
            BinaryExpr { Operator: BinaryOperator.Minimum or BinaryOperator.Maximum } either => Either(either.Left, either.Right),
            IfExpr choice => Either(choice.Then, choice.Otherwise),
            ImputeExpr impute => Either(impute.Operand, impute.Fallback),
            _ => null,
        };

        double? Either(Expr x, Expr y) => Bound(x, schema) is { } left && Bound(y, schema) is { } right ? Math.Max(left, right) : null;
    }

    // Beyond 2⁵³ sums and products are rounded, and nothing is known of what is made of them.
    static double? Small(double? bound) => bound is < LargestExactInteger ? bound : null;
}

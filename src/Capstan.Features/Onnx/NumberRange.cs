using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What is known of a number before any data is read: its limits, inclusive, and whether it is whole. A whole number below 2⁵³ in
/// magnitude has plain digits as its text form.
/// </summary>
readonly record struct NumberRange(double Low, double High, bool IsWhole)
{
    const double LargestExactInteger = 1L << 53;

    // Years of 64-bit microseconds reach about ±292,000.
    const double LargestTimePart = 300_000;

    static readonly NumberRange Anything = new(double.NegativeInfinity, double.PositiveInfinity, false);

    public bool HasPlainDigits => IsWhole && Magnitude < LargestExactInteger;

    double Magnitude => Math.Max(Math.Abs(Low), Math.Abs(High));

    public static NumberRange Of(Expr expr, Schema schema)
    {
        if (ExprTyping.KindOf(expr, schema) == ValueKind.Truth)
        {
            return new NumberRange(0, 1, true);
        }

        return expr switch
        {
            NumberExpr { Value: var value } => new NumberRange(value, value, Math.Floor(value) == value),
            ColumnExpr column when schema[column.Name].Type == DataType.Int64 =>
                new NumberRange(long.MinValue, long.MaxValue, true),
            TimePartExpr { Part: not TimePart.EpochSeconds } => new NumberRange(-LargestTimePart, LargestTimePart, true),
            UnaryExpr unary => Of(unary.Operator, Of(unary.Operand, schema)),
            BinaryExpr binary => Of(binary.Operator, Of(binary.Left, schema), Of(binary.Right, schema)),
            IfExpr choice => Either(Of(choice.Then, schema), Of(choice.Otherwise, schema)),
            ImputeExpr impute => Either(Of(impute.Operand, schema), Of(impute.Fallback, schema)),
            CallExpr call => Of(call, schema),
            _ => Anything,
        };
    }

    static NumberRange Of(UnaryOperator function, NumberRange x) => function switch
    {
        UnaryOperator.Negate => new NumberRange(-x.High, -x.Low, x.IsWhole),
        UnaryOperator.Absolute => new NumberRange(0, x.Magnitude, x.IsWhole),
        UnaryOperator.Floor => new NumberRange(Math.Floor(x.Low), Math.Floor(x.High), true),
        UnaryOperator.Sine or UnaryOperator.Cosine => new NumberRange(-1, 1, false),
        _ => Anything,
    };

    static NumberRange Of(BinaryOperator function, NumberRange x, NumberRange y)
    {
        var areWhole = x.IsWhole && y.IsWhole;
        return function switch
        {
            BinaryOperator.Add => Rounded([x.Low + y.Low, x.High + y.High], areWhole),
            BinaryOperator.Subtract => Rounded([x.Low - y.High, x.High - y.Low], areWhole),
            BinaryOperator.Multiply => Rounded([x.Low * y.Low, x.Low * y.High, x.High * y.Low, x.High * y.High], areWhole),
            BinaryOperator.Divide when y.Low > 0 || y.High < 0 =>
                Rounded([x.Low / y.Low, x.Low / y.High, x.High / y.Low, x.High / y.High], false),
            // Of x − y ⌊x / y⌋, where a rounded quotient may pass the next whole number.
            BinaryOperator.Modulo when 2 * x.Magnitude + y.Magnitude is var most => new NumberRange(-most, most, areWhole),
            BinaryOperator.Minimum => new NumberRange(Math.Min(x.Low, y.Low), Math.Min(x.High, y.High), areWhole),
            BinaryOperator.Maximum => new NumberRange(Math.Max(x.Low, y.Low), Math.Max(x.High, y.High), areWhole),
            _ => Anything,
        };
    }

    static NumberRange Of(CallExpr call, Schema schema) => call.Function switch
    {
        ScalarFunction.Round when Of(call.Operands[0], schema) is var x =>
            new NumberRange(Math.Round(x.Low), Math.Round(x.High), true),
        ScalarFunction.Sign => new NumberRange(-1, 1, true),
        ScalarFunction.Length or ScalarFunction.Count or ScalarFunction.Occurrences or ScalarFunction.IndexOf =>
            new NumberRange(0, int.MaxValue, true),
        ScalarFunction.HyperbolicTangent => new NumberRange(-1, 1, false),
        _ => Anything,
    };

    static NumberRange Either(NumberRange x, NumberRange y) =>
        new(Math.Min(x.Low, y.Low), Math.Max(x.High, y.High), x.IsWhole && y.IsWhole);

    /// <summary>
    /// The limits among the values at the corners, as rounding keeps order; 0 · ∞ is NaN, of which nothing is known.
    /// </summary>
    /// <param name="isWhole">Sums and products of wholes are: from 2⁵³ on, where they are rounded, every double is whole.</param>
    static NumberRange Rounded(ReadOnlySpan<double> corners, bool isWhole)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var corner in corners)
        {
            // Both pass NaN on.
            (low, high) = (Math.Min(low, corner), Math.Max(high, corner));
        }

        return double.IsNaN(low) ? Anything with { IsWhole = isWhole } : new NumberRange(low, high, isWhole);
    }
}

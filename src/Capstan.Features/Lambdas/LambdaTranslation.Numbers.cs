using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Arithmetic and casts.</summary>
sealed partial class LambdaTranslation
{
    static bool IsWhole(Type type) => type.IsPrimitive && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    static bool IsNumber(Type type) => IsWhole(type) || type == typeof(double) || type == typeof(float) ||
        type == typeof(decimal);

    Expr Arithmetic(BinaryExpression binary)
    {
        var type = Stripped(binary.Type);
        if (type == typeof(float))
        {
            throw Refuse(binary, "it rounds to single precision, and features calculate in double; cast an operand to double.");
        }

        if (type != typeof(double) && !IsWhole(type))
        {
            throw Refuse(binary, type == typeof(decimal)
                ? "features calculate in double precision; cast the operands to double."
                : $"{binary.NodeType} of {CSharpText.Of(binary.Left.Type)} and {CSharpText.Of(binary.Right.Type)} has no " +
                    $"translation.");
        }

        var (x, y) = (Of(binary.Left), Of(binary.Right));
        return binary.NodeType switch
        {
            ExpressionType.Add or ExpressionType.AddChecked => x + y,
            ExpressionType.Subtract or ExpressionType.SubtractChecked => x - y,
            ExpressionType.Multiply or ExpressionType.MultiplyChecked => x * y,
            ExpressionType.Divide => IsWhole(type) ? Quotient(x, y) : x / y,
            // C#'s remainder has the sign of x, the engine's that of y: for whole numbers not below 0 they are one.
            ExpressionType.Modulo when IsWhole(type) => IsNotNegative(x) && IsNotNegative(y) ? Modulo(x, y)
                : x - y * Quotient(x, y),
            ExpressionType.Modulo => throw Refuse(
                binary, "C#'s remainder of doubles is none that features have; write Feature.Modulo(x, y)."),
            _ => throw Refuse(binary, $"{binary.NodeType} has no translation; there is no arithmetic of bits in features."),
        };
    }

    /// <summary>The operand of an operation on numbers; refused where its precision is another.</summary>
    Expr Number(Expression node, Expression operand) => Stripped(operand.Type) != typeof(decimal)
        ? Of(operand)
        : throw Refuse(node, "features calculate in double precision; cast the operands to double.");

    Expr Conversion(UnaryExpression conversion)
    {
        var (operand, from, to) = (conversion.Operand, Stripped(conversion.Operand.Type), Stripped(conversion.Type));
        if (from == to || to == typeof(object) || to == typeof(Category))
        {
            return Of(operand);
        }

        if (from.IsEnum || from == typeof(char))
        {
            return from == typeof(DayOfWeek) && to != typeof(float) && to != typeof(decimal) ? Of(operand) : throw Refuse(
                conversion, $"the column of a {CSharpText.Of(from)} holds its name as text, not a number; compare it with ==.");
        }

        if (!IsNumber(from) || !IsNumber(to))
        {
            throw Refuse(conversion, $"a conversion from {CSharpText.Of(from)} to {CSharpText.Of(to)} has no translation.");
        }

        if (to == typeof(float) || to == typeof(decimal))
        {
            throw Refuse(
                conversion, $"features calculate in double precision; leave the cast to {CSharpText.Of(to)} away, or cast to " +
                    $"double.");
        }

        if (to == typeof(double))
        {
            return Of(operand);
        }

        return from == typeof(decimal) ? throw Refuse(
            conversion, "features calculate in double precision; cast it to double first.")
            : !IsWhole(from) ? Truncated(Of(operand))
            : conversion.NodeType == ExpressionType.ConvertChecked || Contains(to, from) ? Of(operand)
            : throw Refuse(conversion, $"it wraps around in C#; write checked(({CSharpText.Of(to)})…), or leave the cast away.");
    }

    /// <summary>Whether each value of one type of whole numbers is one of the other.</summary>
    static bool Contains(Type wide, Type narrow) => (Type.GetTypeCode(wide), Type.GetTypeCode(narrow)) switch
    {
        (TypeCode.Int64, not TypeCode.UInt64) => true,
        (TypeCode.UInt64, TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64) => true,
        (TypeCode.Int32, TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16) => true,
        (TypeCode.UInt32, TypeCode.Byte or TypeCode.UInt16) => true,
        (TypeCode.Int16, TypeCode.SByte or TypeCode.Byte) => true,
        (TypeCode.UInt16, TypeCode.Byte) => true,
        _ => false,
    };

    /// <summary>
    /// The division of whole numbers in C#, towards 0; exact below 2⁵³, since a quotient's distance from a whole number is more
    /// than its rounding.
    /// </summary>
    static Expr Quotient(Expr x, Expr y) => IsNotNegative(x) && IsNotNegative(y) ? Expressions.Floor(x / y) : Truncated(x / y);

    static Expr Truncated(Expr x) => IsNotNegative(x)
        ? Expressions.Floor(x)
        : Expressions.If(x < 0, -Expressions.Floor(-x), Expressions.Floor(x));

    static Expr Modulo(Expr x, Expr y) => new BinaryExpr(BinaryOperator.Modulo, x, y);

    static bool IsNotNegative(Expr expr) => expr switch
    {
        NumberExpr { Value: >= 0 } => true,
        TimePartExpr { Part: not TimePart.EpochSeconds } => true,
        CallExpr { Function: ScalarFunction.Length } => true,
        UnaryExpr { Operator: UnaryOperator.Absolute or UnaryOperator.SquareRoot or UnaryOperator.Exponential } => true,
        UnaryExpr { Operator: UnaryOperator.Floor } floor => IsNotNegative(floor.Operand),
        BinaryExpr
        {
            Operator: BinaryOperator.Add or BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.Modulo
                or BinaryOperator.Minimum,
        } binary => IsNotNegative(binary.Left) && IsNotNegative(binary.Right),
        BinaryExpr { Operator: BinaryOperator.Maximum } binary => IsNotNegative(binary.Left) || IsNotNegative(binary.Right),
        _ => false,
    };
}

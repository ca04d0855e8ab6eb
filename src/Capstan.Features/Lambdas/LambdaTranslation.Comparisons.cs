using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Comparisons, with C#'s answers about null.</summary>
sealed partial class LambdaTranslation
{
    static BinaryOperator? ComparisonOf(ExpressionType type) => type switch
    {
        ExpressionType.Equal => BinaryOperator.Equal,
        ExpressionType.NotEqual => BinaryOperator.NotEqual,
        ExpressionType.LessThan => BinaryOperator.Less,
        ExpressionType.LessThanOrEqual => BinaryOperator.LessOrEqual,
        ExpressionType.GreaterThan => BinaryOperator.Greater,
        ExpressionType.GreaterThanOrEqual => BinaryOperator.GreaterOrEqual,
        _ => null,
    };

    Expr Comparison(BinaryExpression binary, BinaryOperator comparison, bool inCondition)
    {
        var (left, right) = (binary.Left, binary.Right);
        if (comparison is BinaryOperator.Equal or BinaryOperator.NotEqual)
        {
            if ((NullTested(left, right) ?? NullTested(right, left)) is { } tested)
            {
                var missing = Expressions.IsMissing(Of(tested));
                return comparison == BinaryOperator.Equal ? missing : Expressions.Not(missing);
            }

            (left, right) = (Named(left, right), Named(right, left));
        }

        return Compare(binary, comparison, left, right, inCondition);
    }

    Expr Compare(Expression node, BinaryOperator comparison, Expression left, Expression right, bool inCondition)
    {
        CheckComparable(node, Stripped(left.Type));
        CheckComparable(node, Stripped(right.Type));
        var (x, y) = (Of(left), Of(right));
        var plain = Plain(comparison, x, y);
        Expr? leftMissing = MayBeNull(left) ? Expressions.IsMissing(x) : null;
        Expr? rightMissing = MayBeNull(right) ? Expressions.IsMissing(y) : null;
        if (leftMissing is null && rightMissing is null)
        {
            return plain;
        }

        if (comparison == BinaryOperator.NotEqual)
        {
            return leftMissing is not null && rightMissing is not null
                ? Expressions.Not(Compare(node, BinaryOperator.Equal, left, right, inCondition: false))
                : Or(plain, leftMissing ?? rightMissing!); // one of them is there
        }

        var guarded = inCondition ? plain : And(Present(plain, leftMissing), Present(True, rightMissing));
        return comparison == BinaryOperator.Equal && leftMissing is not null && rightMissing is not null
            ? Or(guarded, And(leftMissing, rightMissing))
            : guarded;
    }

    static Expr Present(Expr value, Expr? missing) => missing is null ? value : And(value, Expressions.Not(missing));

    /// <summary>A comparison of values that are there; a truth compared with a constant is itself or its opposite.</summary>
    static Expr Plain(BinaryOperator comparison, Expr x, Expr y) => comparison switch
    {
        BinaryOperator.Equal when y == True => x,
        BinaryOperator.Equal when x == True => y,
        BinaryOperator.Equal when y == False => Expressions.Not(x),
        BinaryOperator.Equal when x == False => Expressions.Not(y),
        BinaryOperator.NotEqual when y == True || y == False || x == True || x == False =>
            Expressions.Not(Plain(BinaryOperator.Equal, x, y)),
        _ => new BinaryExpr(comparison, x, y),
    };

    /// <summary>The operand of a comparison with the constant null.</summary>
    Expression? NullTested(Expression operand, Expression other) =>
        !other.Type.IsValueType || Nullable.GetUnderlyingType(other.Type) is not null
            ? _constants.Holds(other) && ValueOf(other) is null ? Unboxed(operand) : null
            : null;

    /// <summary>
    /// The compiler compares enumerations and letters as integers, but in data they are texts: the operand without that
    /// conversion, and a constant beside one as the enumeration's or letter's.
    /// </summary>
    Expression Named(Expression operand, Expression other)
    {
        if (NamedBelow(operand) is { } named)
        {
            return named;
        }

        if (NamedBelow(other) is { } beside && _constants.Holds(operand) && ValueOf(operand) is { } value)
        {
            var type = Stripped(beside.Type);
            return Expression.Constant(
                type.IsEnum ? Enum.ToObject(type, value)
                    : Convert.ToChar(value, System.Globalization.CultureInfo.InvariantCulture),
                type);
        }

        return operand;
    }

    Expression? NamedBelow(Expression node) =>
        !_constants.Holds(node) && node is UnaryExpression { NodeType: ExpressionType.Convert, Operand: var operand }
            && Stripped(operand.Type) is var type && ((type.IsEnum && type != typeof(DayOfWeek)) || type == typeof(char))
            ? operand
            : null;

    void CheckComparable(Expression node, Type type)
    {
        if (type == typeof(decimal))
        {
            throw Refuse(
                node, "features calculate in double precision, where decimals may be equal that are not; cast both sides to " +
                    "double.");
        }

        if (type == typeof(DateTimeOffset))
        {
            throw Refuse(node, "C# compares instants, and the column holds wall clocks; compare the .DateTime of both.");
        }

        if (!IsNumber(type) && !type.IsEnum && type != typeof(bool) && type != typeof(string) && type != typeof(char)
            && type != typeof(DateTime) && type != typeof(DateOnly) && type != typeof(TimeSpan))
        {
            throw Refuse(node, $"values of the type {CSharpText.Of(type)} can't be compared in features.");
        }
    }

    static Expression Unboxed(Expression node) =>
        node is UnaryExpression { NodeType: ExpressionType.Convert } box && box.Type == typeof(object) ? box.Operand : node;
}

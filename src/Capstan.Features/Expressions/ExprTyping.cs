using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>What an expression yields.</summary>
public enum ValueKind
{
    Number,
    Truth,
    Text,
    Time,
    Category,

    /// <summary>Any number of texts.</summary>
    List,

    /// <summary>
    /// Numbers whose count is known once fitted, one for each term; a feature of this kind becomes so many numeric features.
    /// </summary>
    Vector,
}

/// <summary>An expression that can't be computed, found before any data is read.</summary>
/// <param name="expression">The part of the expression that is wrong.</param>
/// <param name="problem">What was found, what was expected and what to do.</param>
public sealed class ExpressionException(Expr expression, string problem) : ArgumentException($"In '{expression}': {problem}")
{
    public Expr Expression { get; } = expression;
}

/// <summary>
/// The static types of expressions over a schema. A truth may stand wherever a number is expected: true is 1, false 0.
/// </summary>
public static partial class ExprTyping
{
    /// <exception cref="ExpressionException">An operand has the wrong kind, or an option is out of range.</exception>
    /// <exception cref="UnknownColumnException">A column is not in the schema.</exception>
    public static ValueKind KindOf(Expr expr, Schema schema)
    {
        switch (expr)
        {
            case ColumnExpr column:
                return KindOf(schema[column.Name].Type);
            case NumberExpr:
                return ValueKind.Number;
            case TextExpr:
                return ValueKind.Text;
            case UnaryExpr { Operator: UnaryOperator.Not } not:
                Expect(not, not.Operand, schema, ValueKind.Truth);
                return ValueKind.Truth;
            case UnaryExpr unary:
                Expect(unary, unary.Operand, schema, ValueKind.Number);
                return ValueKind.Number;
            case BinaryExpr binary:
                return KindOf(binary, schema);
            case IfExpr choice:
                Expect(choice, choice.Condition, schema, ValueKind.Truth);
                return Same(choice, choice.Then, choice.Otherwise, schema);
            case IsMissingExpr missing:
                ExpectNot(missing, missing.Operand, schema, ValueKind.Category, ValueKind.Vector);
                return ValueKind.Truth;
            case ImputeExpr impute:
                return Same(impute, impute.Operand, impute.Fallback, schema);
            case TimePartExpr part:
                Expect(part, part.Operand, schema, ValueKind.Time);
                return ValueKind.Number;
            case TimestampExpr:
                return ValueKind.Time;
            case InZoneExpr zoned:
                Expect(zoned, zoned.Operand, schema, ValueKind.Time);
                return ValueKind.Time;
            case CallExpr call:
                return KindOf(call, schema);
            case StatisticExpr statistic:
                Expect(statistic, statistic.Operand, schema, ValueKind.Number);
                Require(statistic, statistic.Argument is >= 0 and <= 1, "the share of a quantile is from 0 to 1.");
                return ValueKind.Number;
            case BucketizeExpr bucketize:
                Expect(bucketize, bucketize.Operand, schema, ValueKind.Number);
                Check(bucketize);
                return ValueKind.Category;
            case VocabularyExpr vocabulary:
                ExpectNot(vocabulary, vocabulary.Operand, schema, ValueKind.Category, ValueKind.Time, ValueKind.List,
                    ValueKind.Vector);
                Check(vocabulary);
                return ValueKind.Category;
            case HashExpr hash:
                ExpectNot(hash, hash.Operand, schema, ValueKind.Category, ValueKind.Time, ValueKind.List, ValueKind.Vector);
                Require(hash, hash.Buckets is >= 1 and < int.MaxValue, $"a hash needs from 1 to {int.MaxValue - 1:N0} buckets.");
                return ValueKind.Category;
            case CrossExpr cross:
                Require(cross, cross.Operands.Count >= 2, "a cross needs at least two operands.");
                Require(cross, cross.Buckets is >= 1, "a cross needs at least 1 bucket.");
                foreach (var operand in cross.Operands)
                {
                    Expect(cross, operand, schema, ValueKind.Category, ValueKind.Text);
                }

                return ValueKind.Category;
            case TermVectorExpr vector:
                Expect(vector, vector.Operand, schema, ValueKind.List);
                Check(vector);
                return ValueKind.Vector;
            case BucketizeByExpr bucketize:
                Expect(bucketize, bucketize.Operand, schema, ValueKind.Number);
                Expect(bucketize, bucketize.Category, schema, ValueKind.Category);
                CheckCount(bucketize, bucketize.Category, bucketize.Boundaries.Count, "lists of boundaries");
                foreach (var each in bucketize.Boundaries)
                {
                    Check(bucketize, each);
                }

                return ValueKind.Category;
            case PickExpr pick:
                Expect(pick, pick.Operand, schema, ValueKind.Category);
                Require(pick, pick.Values.All(double.IsFinite), "every number must be finite.");
                CheckCount(pick, pick.Operand, pick.Values.Count, "numbers");
                return ValueKind.Number;
            case FittedExpr fitted:
                return KindOf(fitted, schema);
            default:
                throw new UnreachableException();
        }
    }

    public static ValueKind KindOf(DataType type) => type switch
    {
        DataType.Int64 or DataType.Float64 => ValueKind.Number,
        DataType.Boolean => ValueKind.Truth,
        DataType.Text => ValueKind.Text,
        DataType.Timestamp => ValueKind.Time,
        DataType.TextList => ValueKind.List,
        _ => throw new UnreachableException(),
    };

    static ValueKind KindOf(BinaryExpr binary, Schema schema)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.And or BinaryOperator.Or:
                Expect(binary, binary.Left, schema, ValueKind.Truth);
                Expect(binary, binary.Right, schema, ValueKind.Truth);
                return ValueKind.Truth;
            case BinaryOperator.Equal or BinaryOperator.NotEqual:
                return Same(binary, binary.Left, binary.Right, schema) == ValueKind.List
                    ? throw new ExpressionException(binary, "lists are not compared; compare their texts: join(…, ',').")
                    : ValueKind.Truth;
            case BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                return Same(binary, binary.Left, binary.Right, schema) switch
                {
                    ValueKind.Text => throw new ExpressionException(
                        binary, "texts have no order here; compare them with == or !=."),
                    ValueKind.List => throw new ExpressionException(
                        binary, "lists have no order; compare their lengths: count(…)."),
                    _ => ValueKind.Truth,
                };
            default:
                Expect(binary, binary.Left, schema, ValueKind.Number);
                Expect(binary, binary.Right, schema, ValueKind.Number);
                return ValueKind.Number;
        }
    }

    static ValueKind KindOf(CallExpr call, Schema schema)
    {
        var signature = FunctionSignature.Of(call.Function);
        if (signature.Misfit(call.Operands.Count) is { } misfit)
        {
            throw new ExpressionException(call, misfit + ".");
        }

        for (var index = 0; index < call.Operands.Count; index++)
        {
            Expect(call, call.Operands[index], schema, signature.KindOf(index));
        }

        return signature.Check?.Invoke(call) is { } problem ? throw new ExpressionException(call, problem) : signature.Result;
    }

    static ValueKind KindOf(FittedExpr fitted, Schema schema)
    {
        var function = fitted.Function;
        if (function.Misfit(fitted) is { } misfit)
        {
            throw new ExpressionException(fitted, misfit + ".");
        }

        for (var index = 0; index < fitted.Operands.Count; index++)
        {
            Expect(fitted, fitted.Operands[index], schema, function.OperandAt(index).Kinds);
        }

        return function.Result;
    }

    static ValueKind Same(Expr parent, Expr left, Expr right, Schema schema)
    {
        var (leftKind, rightKind) = (KindOf(left, schema), KindOf(right, schema));
        if (leftKind == ValueKind.Vector || rightKind == ValueKind.Vector)
        {
            throw new ExpressionException(
                parent, $"'{(leftKind == ValueKind.Vector ? left : right)}' is a vector; apply this before making vectors.");
        }

        if (leftKind == ValueKind.Category || rightKind == ValueKind.Category)
        {
            throw new ExpressionException(parent,
                $"'{(leftKind == ValueKind.Category ? left : right)}' is a category; apply this before making categories.");
        }

        if (leftKind == rightKind)
        {
            return leftKind;
        }

        return IsNumeric(leftKind) && IsNumeric(rightKind)
            ? ValueKind.Number
            : throw new ExpressionException(
                parent, $"'{left}' is a {Word(leftKind)} and '{right}' a {Word(rightKind)}; both must be of the same kind.");
    }

    static void Expect(Expr parent, Expr operand, Schema schema, params ReadOnlySpan<ValueKind> allowed)
    {
        var kind = KindOf(operand, schema);
        if (!allowed.Contains(kind) && !(kind == ValueKind.Truth && allowed.Contains(ValueKind.Number)))
        {
            throw new ExpressionException(
                parent, $"'{operand}' is a {Word(kind)}, expected a {Words(allowed)}.{Advice(kind, allowed)}");
        }
    }

    static void ExpectNot(Expr parent, Expr operand, Schema schema, params ReadOnlySpan<ValueKind> refused)
    {
        var kind = KindOf(operand, schema);
        if (refused.Contains(kind))
        {
            throw new ExpressionException(
                parent, $"'{operand}' is a {Word(kind)}, which does not work here.{Advice(kind, [ValueKind.Text])}");
        }
    }

    static bool IsNumeric(ValueKind kind) => kind is ValueKind.Number or ValueKind.Truth;

    static string Word(ValueKind kind) => kind.ToString().ToLowerInvariant();

    static string Words(ReadOnlySpan<ValueKind> kinds) => string.Join(" or ", kinds.ToArray().Select(Word));

    static string Advice(ValueKind found, ReadOnlySpan<ValueKind> allowed) => found switch
    {
        ValueKind.Text when allowed.Contains(ValueKind.Number) =>
            " Turn text into a category with vocabulary(…) or hash(…, buckets).",
        ValueKind.Number or ValueKind.Truth when allowed.SequenceEqual([ValueKind.Text]) => " Turn it into text with text(…).",
        ValueKind.List =>
            " Take something of it: count(…), item(…, 0), includes(…, 'a'), join(…, ','), or make it a feature: bag_of_words(…).",
        ValueKind.Vector => " A vector is a feature as it stands.",
        _ when allowed.Contains(ValueKind.List) => " Make a list: split(…, ','), words(…).",
        ValueKind.Time => " Take a part of the time: hour(…), weekday(…), epoch_seconds(…).",
        _ => "",
    };
}

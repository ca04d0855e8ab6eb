using System.Linq.Expressions;
using System.Reflection;

namespace Capstan.Features;

/// <summary>One lambda on its way to an expression: a walk over its tree that translates or refuses every node.</summary>
/// <remarks>
/// C# and the engine differ about null: a comparison with null is false in C#, and missing here. Operands that may be null in C#
/// are therefore guarded by is_missing, but not in conditions, where missing counts as false anyway.
/// </remarks>
sealed partial class LambdaTranslation(LambdaExpression lambda, string text)
{
    readonly ParameterExpression _row = lambda.Parameters[0];
    readonly LambdaConstants _constants = new(lambda.Parameters[0]);

    public Expr Translate() => Of(lambda.Body);

    /// <summary>The value of a node: missing exactly where C# has null or throws.</summary>
    Expr Of(Expression node)
    {
        if (_constants.Holds(node))
        {
            return Constant(node);
        }

        return node switch
        {
            MemberExpression member => Member(member),
            MethodCallExpression call => Call(call),
            ConditionalExpression choice => Choice(choice),
            BinaryExpression binary => Binary(binary),
            UnaryExpression unary => Unary(unary),
            ParameterExpression => throw Refuse(node, "the row itself is no value; take one of its properties."),
            _ => throw Refuse(
                node, $"a node of the kind {node.NodeType} has no translation; calculate it outside of the lambda."),
        };
    }

    /// <summary>As <see cref="Of"/> for a condition, except that it may be missing where C# has false.</summary>
    Expr Condition(Expression node) => node switch
    {
        _ when _constants.Holds(node) => Constant(node),
        BinaryExpression { NodeType: ExpressionType.AndAlso } both => And(Condition(both.Left), Condition(both.Right)),
        BinaryExpression { NodeType: ExpressionType.OrElse } either => Or(Condition(either.Left), Condition(either.Right)),
        BinaryExpression binary when ComparisonOf(binary.NodeType) is { } comparison =>
            Comparison(binary, comparison, inCondition: true),
        _ => Of(node),
    };

    Expr Choice(ConditionalExpression choice)
    {
        var condition = Condition(choice.Test);
        return condition == True ? Of(choice.IfTrue) : condition == False ? Of(choice.IfFalse)
            : Expressions.If(condition, Of(choice.IfTrue), Of(choice.IfFalse));
    }

    Expr Member(MemberExpression member)
    {
        if (member.Expression == _row)
        {
            return member.Member is PropertyInfo property
                ? RecordColumns.Of(property) is { } column ? Expressions.Col(column.Name) : throw Refuse(
                    member, $"a {CSharpText.Of(member.Type)} can't be a column; expected a number, text, boolean, enumeration " +
                        $"or date.")
                : throw Refuse(member, "it is a field, and columns are public properties; make it a property.");
        }

        var owner = member.Expression ?? throw Refuse(member, "it is no value of the row.");
        var name = member.Member.Name;
        if (Nullable.GetUnderlyingType(owner.Type) is not null)
        {
            return name == nameof(Nullable<int>.HasValue) ? Expressions.Not(Expressions.IsMissing(Of(owner))) : Of(owner);
        }

        return owner.Type == typeof(DateTime) || owner.Type == typeof(DateTimeOffset) || owner.Type == typeof(DateOnly)
                ? TimeMember(member, owner)
            : owner.Type == typeof(TimeSpan) ? SpanMember(member, owner)
            : owner.Type == typeof(string) ? throw Refuse(
                member, $"it counts UTF-16 units, and features count code points; write Feature.Length({CSharpText.Of(owner)}).")
            : throw Refuse(
                member, $"only the row's own properties are columns; '{CSharpText.Of(owner)}' is none that has members.");
    }

    Expr Unary(UnaryExpression unary) => unary.NodeType switch
    {
        ExpressionType.Convert or ExpressionType.ConvertChecked => Conversion(unary),
        ExpressionType.Not when Stripped(unary.Type) == typeof(bool) => Expressions.Not(Of(unary.Operand)),
        ExpressionType.Negate or ExpressionType.NegateChecked => -Number(unary, unary.Operand),
        ExpressionType.UnaryPlus => Of(unary.Operand),
        _ => throw Refuse(unary, $"{unary.NodeType} has no translation; there is no arithmetic of bits in features."),
    };

    Expr Binary(BinaryExpression binary)
    {
        if (ComparisonOf(binary.NodeType) is { } comparison)
        {
            return Comparison(binary, comparison, inCondition: false);
        }

        var isTruth = Stripped(binary.Type) == typeof(bool);
        return binary.NodeType switch
        {
            ExpressionType.AndAlso => And(Of(binary.Left), Of(binary.Right)),
            ExpressionType.OrElse => Or(Of(binary.Left), Of(binary.Right)),
            // On bool? these are Kleene's in C#, too.
            ExpressionType.And when isTruth => And(Of(binary.Left), Of(binary.Right)),
            ExpressionType.Or when isTruth => Or(Of(binary.Left), Of(binary.Right)),
            ExpressionType.ExclusiveOr when isTruth => Expressions.NotEqual(Of(binary.Left), Of(binary.Right)),
            ExpressionType.Coalesce when binary.Conversion is null => Coalesce(binary),
            ExpressionType.Add when binary.Type == typeof(string) => Concat(binary, [binary.Left, binary.Right]),
            ExpressionType.Subtract when Stripped(binary.Type) == typeof(TimeSpan) =>
                Difference(binary, binary.Left, binary.Right),
            _ => Arithmetic(binary),
        };
    }

    Expr Coalesce(BinaryExpression coalesce)
    {
        var value = Of(coalesce.Left);
        return Stripped(coalesce.Type) == typeof(bool) && _constants.Holds(coalesce.Right)
            ? LambdaConstants.ValueOf(coalesce.Right) switch
            {
                true => Or(value, Expressions.IsMissing(value)),
                false => And(value, Expressions.Not(Expressions.IsMissing(value))),
                _ => value,
            }
            : _constants.Holds(coalesce.Right) && LambdaConstants.ValueOf(coalesce.Right) is null ? value
            : Expressions.Impute(value, Of(coalesce.Right));
    }

    /// <summary>Whether a value may be null for C# although nothing is thrown.</summary>
    bool MayBeNull(Expression node) => node switch
    {
        _ when node.Type.IsValueType && Nullable.GetUnderlyingType(node.Type) is null => false,
        _ when _constants.Holds(node) => LambdaConstants.ValueOf(node) is null,
        UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } conversion =>
            MayBeNull(conversion.Operand),
        ConditionalExpression choice => MayBeNull(choice.IfTrue) || MayBeNull(choice.IfFalse),
        BinaryExpression { NodeType: ExpressionType.Coalesce } coalesce => MayBeNull(coalesce.Right),
        BinaryExpression when node.Type == typeof(string) => false,
        MethodCallExpression => false,
        _ => true,
    };

    static Type Stripped(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    LambdaException Refuse(Expression node, string problem) => new(CSharpText.Of(node), text, problem);
}

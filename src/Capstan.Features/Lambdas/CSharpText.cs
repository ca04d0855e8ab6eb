using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Capstan.Features;

/// <summary>Expression trees as C# again, for messages: close to what was written, not always to the letter.</summary>
static class CSharpText
{
    public static string Of(Expression node) => node switch
    {
        LambdaExpression lambda => $"{string.Join(", ", lambda.Parameters.Select(Of))} => {Of(lambda.Body)}",
        ParameterExpression parameter => parameter.Name ?? "row",
        ConstantExpression constant => Literal(constant.Value),
        MemberExpression { Expression: ConstantExpression captured } member
            when captured.Type.IsDefined(typeof(CompilerGeneratedAttribute)) => member.Member.Name,
        MemberExpression { Expression: { } owner } member => $"{Operand(owner)}.{member.Member.Name}",
        MemberExpression member => $"{Of(member.Member.DeclaringType!)}.{member.Member.Name}", // a static member has a type
        UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } conversion => IsImplicit(conversion)
            ? Of(conversion.Operand)
            : $"({Of(conversion.Type)}){Operand(conversion.Operand)}",
        UnaryExpression unary => $"{Symbol(unary.NodeType) ?? unary.NodeType.ToString()}{Operand(unary.Operand)}",
        BinaryExpression { NodeType: ExpressionType.ArrayIndex } index => $"{Operand(index.Left)}[{Of(index.Right)}]",
        BinaryExpression binary when Symbol(binary.NodeType) is { } symbol =>
            $"{Operand(binary.Left)} {symbol} {Operand(binary.Right)}",
        ConditionalExpression choice => $"{Operand(choice.Test)} ? {Operand(choice.IfTrue)} : {Operand(choice.IfFalse)}",
        NewArrayExpression array => $"[{string.Join(", ", array.Expressions.Select(Of))}]",
        NewExpression made => $"new {Of(made.Type)}({Arguments(made.Arguments)})",
        MethodCallExpression { Object: { } owner, Method.Name: "get_Item" or "get_Chars" } index =>
            $"{Operand(owner)}[{Arguments(index.Arguments)}]",
        MethodCallExpression call => Call(call),
        _ => node.ToString(),
    };

    public static string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return $"{Of(inner)}?";
        }

        return type == typeof(object) ? "object" : type.IsEnum ? type.Name : Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Int16 => "short",
            TypeCode.UInt32 => "uint",
            TypeCode.UInt64 => "ulong",
            TypeCode.UInt16 => "ushort",
            TypeCode.Single => "float",
            TypeCode.Boolean => "bool",
            TypeCode.Byte or TypeCode.SByte or TypeCode.Double or TypeCode.Decimal or TypeCode.Char or TypeCode.String =>
                type.Name.ToLowerInvariant(),
            _ => type.IsGenericType
                ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>"
                : type.Name,
        };
    }

    static string Call(MethodCallExpression call) => call.Object is null && call.Method.IsDefined(typeof(ExtensionAttribute))
        ? $"{Operand(call.Arguments[0])}.{call.Method.Name}({Arguments(call.Arguments.Skip(1))})"
        : $"{Receiver(call)}.{call.Method.Name}({Arguments(call.Arguments)})";

    static string Receiver(MethodCallExpression call) =>
        call.Object is null ? Of(call.Method.DeclaringType!) : Operand(call.Object); // a method of an expression has a type

    static string Arguments(IEnumerable<Expression> arguments) => string.Join(", ", arguments.Select(Of));

    /// <summary>In parentheses where what is around could bind tighter.</summary>
    static string Operand(Expression node) =>
        node is BinaryExpression { NodeType: not ExpressionType.ArrayIndex } or ConditionalExpression
        || (node is UnaryExpression unary && IsImplicit(unary) && Operand(unary.Operand).StartsWith('('))
        ? $"({Of(node)})"
        : Of(node);

    /// <summary>A conversion that the compiler adds without being told.</summary>
    static bool IsImplicit(UnaryExpression conversion)
    {
        var from = Nullable.GetUnderlyingType(conversion.Operand.Type) ?? conversion.Operand.Type;
        var to = Nullable.GetUnderlyingType(conversion.Type) ?? conversion.Type;
        return conversion.NodeType == ExpressionType.Convert
            && (from == to || to == typeof(object) || to == typeof(double) || conversion.Method?.Name == "op_Implicit");
    }

    static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        char letter => $"'{letter}'",
        bool truth => truth ? "true" : "false",
        Enum name => $"{name.GetType().Name}.{name}",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    static string? Symbol(ExpressionType type) => type switch
    {
        ExpressionType.Add or ExpressionType.AddChecked or ExpressionType.UnaryPlus => "+",
        ExpressionType.Subtract or ExpressionType.SubtractChecked or ExpressionType.Negate or ExpressionType.NegateChecked => "-",
        ExpressionType.Multiply or ExpressionType.MultiplyChecked => "*",
        ExpressionType.Divide => "/",
        ExpressionType.Modulo => "%",
        ExpressionType.And => "&",
        ExpressionType.Or => "|",
        ExpressionType.ExclusiveOr => "^",
        ExpressionType.LeftShift => "<<",
        ExpressionType.RightShift => ">>",
        ExpressionType.OnesComplement => "~",
        ExpressionType.Not => "!",
        ExpressionType.AndAlso => "&&",
        ExpressionType.OrElse => "||",
        ExpressionType.Coalesce => "??",
        ExpressionType.Equal => "==",
        ExpressionType.NotEqual => "!=",
        ExpressionType.LessThan => "<",
        ExpressionType.LessThanOrEqual => "<=",
        ExpressionType.GreaterThan => ">",
        ExpressionType.GreaterThanOrEqual => ">=",
        _ => null,
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace Capstan.Features.Tests.Lambdas;

/// <summary>
/// A lambda as .NET runs it, except that it throws where its law makes no promise: at a number that is not finite, a whole number beyond 2⁵³
/// or an overflow, a time span beyond 28 years. −0 becomes 0.
/// </summary>
sealed class StrictEvaluation : ExpressionVisitor
{
    public static Func<Ride, object?> Of(LambdaExpression lambda)
    {
        var body = new StrictEvaluation().Visit(lambda.Body);
        return Expression.Lambda<Func<Ride, object?>>(Expression.Convert(body, typeof(object)), lambda.Parameters).Compile();
    }

    [return: NotNullIfNotNull(nameof(node))]
    public override Expression? Visit(Expression? node)
    {
        var visited = base.Visit(node);
        return visited is null or ConstantExpression or LambdaExpression ? visited
            : typeof(StrictEvaluation).GetMethod(nameof(Check), [visited.Type]) is { } check && check.GetParameters()[0].ParameterType == visited.Type
                ? Expression.Call(check, visited)
                : visited;
    }

    protected override Expression VisitBinary(BinaryExpression node)
    {
        var (left, right) = (Visit(node.Left), Visit(node.Right));
        return (Nullable.GetUnderlyingType(node.Type) ?? node.Type) is var type && (type == typeof(int) || type == typeof(long))
            ? node.NodeType switch
            {
                ExpressionType.Add => Expression.AddChecked(left, right),
                ExpressionType.Subtract => Expression.SubtractChecked(left, right),
                ExpressionType.Multiply => Expression.MultiplyChecked(left, right),
                _ => node.Update(left, node.Conversion, right),
            }
            : node.Update(left, node.Conversion, right);
    }

    protected override Expression VisitUnary(UnaryExpression node) =>
        node.NodeType == ExpressionType.Convert && node.Method is null && node.Type != typeof(object)
            ? Expression.ConvertChecked(Visit(node.Operand), node.Type)
            : base.VisitUnary(node);

    public static double Check(double value) => double.IsFinite(value) ? value + 0.0 : throw new NotFiniteNumberException();

    public static double? Check(double? value) => value is { } number ? Check(number) : null;

    public static long Check(long value) => Math.Abs(value) <= 1L << 53 ? value : throw new OverflowException();

    public static TimeSpan Check(TimeSpan value) => Math.Abs(value.Ticks) <= 1L << 53 ? value : throw new OverflowException();
}

using System.Linq.Expressions;
using System.Reflection;

namespace Capstan.Features;

/// <summary>
/// The parts of a lambda that do not depend on the row: captured variables, constants, and whatever is calculated from them
/// alone.
/// </summary>
sealed class LambdaConstants(ParameterExpression row)
{
    /// <summary>Members whose value is another one each time: as constants of a feature they would be a mistake.</summary>
    static readonly HashSet<(Type?, string)> Changing =
    [
        (typeof(DateTime), "get_Now"), (typeof(DateTime), "get_UtcNow"), (typeof(DateTime), "get_Today"),
        (typeof(DateTimeOffset), "get_Now"), (typeof(DateTimeOffset), "get_UtcNow"), (typeof(Guid), nameof(Guid.NewGuid)),
        (typeof(TimeProvider), nameof(TimeProvider.GetUtcNow)), (typeof(TimeProvider), nameof(TimeProvider.GetLocalNow)),
    ];

    public bool Holds(Expression node) => !new RowFinder(row).IsIn(node);

    /// <summary>Its value, evaluated once, when the lambda is translated; what it throws is the user's own.</summary>
    public static object? ValueOf(Expression node)
    {
        switch (node)
        {
            case ConstantExpression constant:
                return constant.Value;
            case MemberExpression { Member: FieldInfo field } member when member.Expression is null or ConstantExpression:
                return field.GetValue((member.Expression as ConstantExpression)?.Value);
        }

        return Expression.Lambda<Func<object?>>(Expression.Convert(node, typeof(object))).Compile(preferInterpretation: true)();
    }

    /// <summary>
    /// The member in the tree that is no constant although no row is in it, such as DateTime.Now; null where there is none.
    /// </summary>
    public static Expression? ChangingIn(Expression node)
    {
        var finder = new ChangingFinder();
        finder.Visit(node);
        return finder.Found;
    }

    sealed class RowFinder(ParameterExpression row) : ExpressionVisitor
    {
        bool _found;

        public bool IsIn(Expression node)
        {
            Visit(node);
            return _found;
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            _found |= node == row;
            return node;
        }

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            // What Feature's methods stand for is known when the rows are.
            _found |= node.Method.DeclaringType == typeof(Feature);
            return base.VisitMethodCall(node);
        }
    }

    sealed class ChangingFinder : ExpressionVisitor
    {
        public Expression? Found { get; private set; }

        protected override Expression VisitMember(MemberExpression node)
        {
            Note(node, (node.Member as PropertyInfo)?.GetMethod);
            return base.VisitMember(node);
        }

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            Note(node, node.Method);
            return base.VisitMethodCall(node);
        }

        void Note(Expression node, MethodInfo? method)
        {
            if (method is not null
                && (Changing.Contains((method.DeclaringType, method.Name)) ||
                    typeof(Random).IsAssignableFrom(method.DeclaringType)))
            {
                Found = node;
            }
        }
    }
}

using System.Collections;
using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Calls: of Math, of string, of collections that hold constants, and of <see cref="Feature"/>.</summary>
sealed partial class LambdaTranslation
{
    /// <summary>Beyond it doubles are whole numbers already, and Math.Round leaves them alone.</summary>
    const double RoundLimit = 1e16;

    Expr Call(MethodCallExpression call)
    {
        var owner = call.Method.DeclaringType;
        if (owner == typeof(Feature))
        {
            return FeatureCall(call);
        }

        if (owner == typeof(Math) || owner == typeof(double))
        {
            return MathCall(call);
        }

        if (owner == typeof(string))
        {
            return TextCall(call);
        }

        if (call is { Object: { } value, Method.Name: nameof(Nullable<int>.GetValueOrDefault) }
            && Nullable.GetUnderlyingType(value.Type) is { } type)
        {
            var fallback = call.Arguments.Count == 1 ? Of(call.Arguments[0]) : Default(call, type);
            return fallback == False ? And(Of(value), Expressions.Not(Expressions.IsMissing(Of(value))))
                : fallback == True ? Or(Of(value), Expressions.IsMissing(Of(value)))
                : Expressions.Impute(Of(value), fallback);
        }

        if (call is { Object: { } end, Method.Name: nameof(DateTime.Subtract), Arguments: [var start] }
            && call.Type == typeof(TimeSpan))
        {
            return Difference(call, end, start);
        }

        if (call.Method.Name == nameof(Enumerable.Contains) && Membership(call) is { } membership)
        {
            return membership;
        }

        throw Refuse(call, owner == typeof(MathF)
            ? "it calculates in single precision, and features in double; use Math."
            : "a call of this method has no translation; write out what it does, or make it of Feature's functions.");
    }

    Expr MathCall(MethodCallExpression call)
    {
        foreach (var argument in call.Arguments)
        {
            if (Stripped(argument.Type) == typeof(decimal))
            {
                throw Refuse(call, "features calculate in double precision; cast the operands to double.");
            }
        }

        Expr X(int index = 0) => Of(call.Arguments[index]);
        return (call.Method.Name, call.Arguments.Count) switch
        {
            (nameof(Math.Abs), 1) => Expressions.Abs(X()),
            (nameof(Math.Sqrt), 1) => Expressions.Sqrt(X()),
            (nameof(Math.Exp), 1) => Expressions.Exp(X()),
            (nameof(Math.Log), 1) => Expressions.Log(X()),
            (nameof(Math.Log), 2) => Expressions.Log(X()) / Expressions.Log(X(1)),
            (nameof(Math.Log10), 1) => Expressions.LogTen(X()),
            (nameof(Math.Sin), 1) => Expressions.Sin(X()),
            (nameof(Math.Cos), 1) => Expressions.Cos(X()),
            (nameof(Math.Tanh), 1) => Expressions.HyperbolicTangent(X()),
            (nameof(Math.Atan2), 2) => Expressions.ArcTangent(X(), X(1)),
            (nameof(Math.Pow), 2) => Expressions.Power(X(), X(1)),
            (nameof(Math.Sign), 1) => Expressions.Sign(X()),
            (nameof(Math.Floor), 1) => Expressions.Floor(X()),
            (nameof(Math.Ceiling), 1) => -Expressions.Floor(-X()),
            (nameof(Math.Truncate), 1) => Truncated(X()),
            (nameof(Math.Min), 2) => Expressions.Min(X(), X(1)),
            (nameof(Math.Max), 2) => Expressions.Max(X(), X(1)),
            (nameof(Math.Clamp), 3) => Expressions.Clip(X(), X(1), X(2)),
            (nameof(Math.Round), 1) => Expressions.Round(X()),
            (nameof(Math.Round), 2) => Rounded(call),
            (nameof(double.IsFinite), 1) => Expressions.Not(Expressions.IsMissing(X())),
            _ => throw Refuse(call, call.Method.Name is nameof(double.IsNaN) or nameof(double.IsInfinity)
                ? "a number that is not finite is missing here; use double.IsFinite or Feature.IsMissing."
                : "it has no translation; there are Abs, Atan2, Ceiling, Clamp, Cos, Exp, Floor, Log, Log10, Max, Min, Pow, " +
                    "Round, " +
                    "Sign, Sin, Sqrt, Tanh, Truncate, and what Feature has."),
        };
    }

    Expr Rounded(MethodCallExpression call)
    {
        var (x, how) = (Of(call.Arguments[0]), _constants.Holds(call.Arguments[1]) ? ValueOf(call.Arguments[1]) : null);
        switch (how)
        {
            case MidpointRounding.ToEven:
                return Expressions.Round(x);
            case int digits:
                var power = Math.Pow(10, digits);
                return Expressions.If(Expressions.Abs(x) < RoundLimit, Expressions.Round(x * power) / power, x);
            default:
                throw Refuse(call, "only rounding to the even one is there, to a constant number of digits.");
        }
    }

    /// <summary>Whether a value is among constants: a captured array, list or set.</summary>
    Expr? Membership(MethodCallExpression call)
    {
        var (collection, item) = call is { Object: { } instance, Arguments: [var only] } ? (instance, only)
            : call is { Object: null, Arguments: [var first, var second] } ? (first, second)
            : call is { Object: null, Arguments: [var array, var value, ConstantExpression { Value: null }] } ? (array, value)
            : (null, null);
        // C# 14 takes arrays as spans, which expression trees can't evaluate: the array is below the conversion.
        collection = collection is MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var spanned] }
            ? spanned
            : collection;
        if (collection is null || item is null || !_constants.Holds(collection)
            || ValueOf(collection) is not IEnumerable values || values is string)
        {
            return null;
        }

        if (!ComparesAsUsual(values))
        {
            throw Refuse(
                call, "only an array, a list, or a set of texts, ints or dates that compares as == does can be looked into; " +
                    "take one.");
        }

        Expr[] cases = [.. values.Cast<object?>().Select(value =>
            Compare(call, BinaryOperator.Equal, item, Expression.Constant(value, item.Type), inCondition: false))];
        return AnyOf(cases);
    }

    static bool ComparesAsUsual(IEnumerable values) => values switch
    {
        Array => true,
        HashSet<string> set => set.Comparer == EqualityComparer<string>.Default || set.Comparer == StringComparer.Ordinal,
        HashSet<int> set => set.Comparer == EqualityComparer<int>.Default,
        HashSet<DateTime> set => set.Comparer == EqualityComparer<DateTime>.Default,
        HashSet<DateOnly> set => set.Comparer == EqualityComparer<DateOnly>.Default,
        _ => values.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(List<>),
    };

    /// <summary>A balanced tree, so that long lists don't nest deep.</summary>
    static Expr AnyOf(ReadOnlySpan<Expr> cases) => cases.Length switch
    {
        0 => False,
        1 => cases[0],
        _ => Or(AnyOf(cases[..(cases.Length / 2)]), AnyOf(cases[(cases.Length / 2)..])),
    };
}

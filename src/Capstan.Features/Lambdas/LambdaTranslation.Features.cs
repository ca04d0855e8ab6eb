using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Calls of <see cref="Feature"/>'s methods: each is the expression of its name.</summary>
sealed partial class LambdaTranslation
{
    Expr FeatureCall(MethodCallExpression call)
    {
        Expr X(int index = 0) => Of(call.Arguments[index]);
        T Constant<T>(int index) => _constants.Holds(call.Arguments[index]) && ValueOf(call.Arguments[index]) is T value
            ? value
            : throw Refuse(
                call.Arguments[index], $"it must be a constant, since {call.Method.Name} is fixed before any row is read.");

        return (call.Method.Name, call.Arguments.Count) switch
        {
            (nameof(Feature.From), _) => Written(call, Constant<object>(0)),
            (nameof(Feature.Impute), _) => Expressions.Impute(X(), X(1)),
            (nameof(Feature.IsMissing), _) => Expressions.IsMissing(X()),
            (nameof(Feature.ZScore), _) => Expressions.ZScore(X()),
            (nameof(Feature.MinMax), _) => Expressions.MinMax(X()),
            (nameof(Feature.Mean), _) => Expressions.Mean(X()),
            (nameof(Feature.StandardDeviation), _) => Expressions.StandardDeviation(X()),
            (nameof(Feature.Minimum), _) => Expressions.Minimum(X()),
            (nameof(Feature.Maximum), _) => Expressions.Maximum(X()),
            (nameof(Feature.Range), _) => Expressions.Range(X()),
            (nameof(Feature.Quantile), _) => Expressions.Quantile(X(), Constant<double>(1)),
            (nameof(Feature.Median), _) => Expressions.Median(X()),
            (nameof(Feature.Bucketize), _) when Constant<object>(1) is int buckets => Expressions.Bucketize(X(), buckets),
            (nameof(Feature.Bucketize), _) => Expressions.Bucketize(X(), Constant<double[]>(1)),
            (nameof(Feature.Vocabulary), 1) => Expressions.Vocabulary(X()),
            (nameof(Feature.Vocabulary), 2) when Constant<object>(1) is string[] terms => Expressions.Vocabulary(X(), terms),
            (nameof(Feature.Vocabulary), 2) => Expressions.Vocabulary(X(), Constant<int>(1)),
            (nameof(Feature.Vocabulary), _) => Expressions.Vocabulary(X(), Constant<int>(1), Constant<long>(2), Constant<int>(3)),
            (nameof(Feature.Hash), 2) => Expressions.Hash(X(), Constant<int>(1)),
            (nameof(Feature.Hash), _) => Expressions.Hash(X(), Constant<int>(1), Constant<uint>(2)),
            (nameof(Feature.Cross), _) => call.Arguments[1] is NewArrayExpression operands
                ? Expressions.Cross(Constant<int>(0), [.. operands.Expressions.Select(Of)])
                : throw Refuse(call.Arguments[1], "the operands of a cross must be listed one by one."),
            (nameof(Feature.Clip), _) => Expressions.Clip(X(), X(1), X(2)),
            (nameof(Feature.Modulo), _) => Modulo(X(), X(1)),
            (nameof(Feature.LogOnePlus), _) => Expressions.LogOnePlus(X()),
            (nameof(Feature.Degrees), _) => Expressions.Degrees(X()),
            (nameof(Feature.Radians), _) => Expressions.Radians(X()),
            (nameof(Feature.CycleSin), _) => Expressions.CycleSin(X(), X(1)),
            (nameof(Feature.CycleCos), _) => Expressions.CycleCos(X(), X(1)),
            (nameof(Feature.Haversine), _) => Expressions.Haversine(X(), X(1), X(2), X(3)),
            (nameof(Feature.Bearing), _) => Expressions.Bearing(X(), X(1), X(2), X(3)),
            (nameof(Feature.Grid), _) => Expressions.Grid(X(), X(1), X(2)),
            (nameof(Feature.Length), _) => Expressions.Length(X()),
            (nameof(Feature.Substring), _) => Expressions.Substring(X(), X(1), X(2)),
            (nameof(Feature.SplitPart), _) => Expressions.SplitPart(X(), X(1), X(2)),
            (nameof(Feature.TextOf), _) => Expressions.TextOf(X()),
            (nameof(Feature.NumberOf), _) => Expressions.NumberOf(X()),
            (nameof(Feature.Weekday), _) => Expressions.Weekday(X()),
            (nameof(Feature.IsWeekend), _) => Expressions.IsWeekend(X()),
            (nameof(Feature.EpochSeconds), _) => Expressions.EpochSeconds(X()),
            (nameof(Feature.SecondsBetween), _) => Expressions.SecondsBetween(X(), X(1)),
            (nameof(Feature.InZone), _) => Expressions.InZone(X(), Constant<string>(1)),
            _ => throw Refuse(call, "it has no translation."),
        };
    }

    Expr Written(MethodCallExpression call, object written)
    {
        try
        {
            return written as Expr ?? ExprParser.Parse((string)written);
        }
        catch (ExpressionSyntaxException problem)
        {
            throw Refuse(call, problem.Message);
        }
    }
}

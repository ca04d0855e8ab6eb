using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Capstan.Features;

namespace Capstan;

/// <summary>
/// Features of pipelines and estimators, one by one, written in any of three ways: text, C# operators (<see
/// cref="Expressions"/>), or a lambda over a record type (<see cref="ExprLambda"/>). All of them are stored as text. A feature of
/// the same name is replaced.
/// </summary>
public static class FeatureDefinitions
{
    /// <exception cref="ExpressionSyntaxException">The text is no expression.</exception>
    public static Pipeline Feature(this Pipeline pipeline, string name, string expression)
    {
        _ = ExprParser.Parse(expression);
        return pipeline with { Features = new Dictionary<string, string>(pipeline.Features) { [name] = expression } };
    }

    public static Pipeline Feature(this Pipeline pipeline, string name, Expr expression) =>
        pipeline.Feature(name, FeatureText.Of(expression));

    /// <exception cref="LambdaException">A part of the lambda has no translation.</exception>
    public static Pipeline Feature<TRow, TValue>(
        this Pipeline pipeline, string name, Expression<Func<TRow, TValue>> lambda,
        [CallerArgumentExpression(nameof(lambda))] string? text = null) => pipeline.Feature(name, ExprLambda.Of(lambda, text));

    /// <exception cref="ExpressionSyntaxException">The text is no expression.</exception>
    public static TEstimator Feature<TEstimator>(this TEstimator estimator, string name, string expression)
        where TEstimator : Estimator => (TEstimator)estimator.With(estimator.Pipeline.Feature(name, expression));

    public static TEstimator Feature<TEstimator>(this TEstimator estimator, string name, Expr expression)
        where TEstimator : Estimator => (TEstimator)estimator.With(estimator.Pipeline.Feature(name, expression));

    /// <exception cref="LambdaException">A part of the lambda has no translation.</exception>
    public static TEstimator Feature<TEstimator, TRow, TValue>(
        this TEstimator estimator, string name, Expression<Func<TRow, TValue>> lambda,
        [CallerArgumentExpression(nameof(lambda))] string? text = null)
        where TEstimator : Estimator => estimator.Feature(name, ExprLambda.Of(lambda, text));
}

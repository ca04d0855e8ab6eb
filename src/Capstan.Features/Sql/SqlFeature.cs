using Capstan.Data;

namespace Capstan.Features;

/// <summary>A feature's column in a query: of a vector one for each term, called as in the <see cref="FeatureLayout"/>.</summary>
/// <param name="Element">Which number of a vector; null where the feature is none.</param>
readonly record struct SqlFeature(string Name, Expr Expr, int? Element, bool IsCategory)
{
    /// <summary>In pipeline order.</summary>
    public static IEnumerable<SqlFeature> Of(FrozenTransform transform) => transform.Features.SelectMany(feature =>
        feature.Expr is TermVectorExpr { Terms: FixedVectorTerms { Values: var terms } } vector
            ? terms.Select((term, index) => new SqlFeature($"{feature.Name}[{term}]", vector, index, false))
            : [new SqlFeature(feature.Name, feature.Expr, null, ExprTyping.KindOf(feature.Expr, transform.Input) == ValueKind.Category)]);

    public SqlValue ValueIn(SqlExpressions expressions) => Element is { } element ? expressions.ElementOf((TermVectorExpr)Expr, element)
        : IsCategory ? expressions.Of(Expr)
        : expressions.NumberOf(Expr);
}

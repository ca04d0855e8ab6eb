using Capstan.Features;

namespace Capstan.Tests.Pushdown;

/// <summary>The constants of a fitted expression in the order of its tree, to compare two ways of fitting.</summary>
static class ConstantList
{
    public static IEnumerable<object> Of(Expr expr) => Own(expr).Concat(ExprChildren.Of(expr).SelectMany(Of));

    static IEnumerable<object> Own(Expr expr) => expr switch
    {
        NumberExpr number => [number.Value],
        BucketizeExpr { Boundaries: FixedBoundaries boundaries } => Numbers(boundaries.Values),
        BucketizeByExpr by => by.Boundaries.SelectMany(boundaries => Numbers(boundaries.Values)),
        VocabularyExpr { Terms: FixedTerms terms } => terms.Values.Append($"{terms.Values.Count} terms"),
        PickExpr pick => Numbers(pick.Values),
        TermVectorExpr { Terms: FixedVectorTerms terms } => terms.Values.Cast<object>().Concat(Numbers(terms.Factors)),
        _ => [],
    };

    static IEnumerable<object> Numbers(IReadOnlyCollection<double> values) => values.Cast<object>().Append($"{values.Count} numbers");
}

using Capstan.Features;

namespace Capstan;

/// <summary>
/// Expressions as a person would write them: <c>z_score(x)</c> where the printer, which knows no such node, spells out what it
/// stands for.
/// </summary>
static class FeatureText
{
    public static string Of(Expr expr) => expr switch
    {
        BinaryExpr { Left: BinaryExpr { Left: var x } } when expr == Expressions.ZScore(x) => $"z_score({Of(x)})",
        BinaryExpr { Left: BinaryExpr { Left: var x, Right: var low }, Right: var high }
            when expr == Expressions.Clip(x, low, high) => $"clip({Of(x)}, {low}, {high})",
        _ => expr.ToString(),
    };
}

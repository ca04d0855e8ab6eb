using Capstan.Features;

namespace Capstan;

/// <summary>Expressions as a person would write them: <c>z_score(x)</c> where the printer, which knows no such node, spells out what it stands for.</summary>
static class FeatureText
{
    public static string Of(Expr expr) => expr switch
    {
        BinaryExpr { Operator: BinaryOperator.Divide, Left: BinaryExpr { Operator: BinaryOperator.Subtract, Left: var x } } when expr == Expressions.ZScore(x) =>
            $"z_score({Of(x)})",
        BinaryExpr { Operator: BinaryOperator.Minimum, Right: var high, Left: BinaryExpr { Operator: BinaryOperator.Maximum, Left: var x, Right: var low } } =>
            $"clip({Of(x)}, {low}, {high})",
        _ => expr.ToString(),
    };
}

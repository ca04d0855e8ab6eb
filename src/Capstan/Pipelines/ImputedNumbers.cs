using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan;

/// <summary>What stands for missing values in features that impute a number: what trees may take for missing.</summary>
static class ImputedNumbers
{
    /// <summary>By the names of the features whose outermost step is to impute a number.</summary>
    public static ImmutableDictionary<string, float> Of(FrozenTransform transform) => transform.Features
        .Where(feature => feature.Expr is ImputeExpr { Fallback: NumberExpr })
        .ToImmutableDictionary(feature => feature.Name, feature => (float)((NumberExpr)((ImputeExpr)feature.Expr).Fallback).Value);
}

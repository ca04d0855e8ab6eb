using System.Diagnostics;

namespace Capstan.Features;

/// <summary>Walking and rewriting expression trees.</summary>
public static class ExprChildren
{
    /// <summary>The direct operands, left to right.</summary>
    public static IReadOnlyList<Expr> Of(Expr expr) => expr switch
    {
        ColumnExpr or NumberExpr or TextExpr or TimestampExpr => [],
        UnaryExpr e => [e.Operand],
        BinaryExpr e => [e.Left, e.Right],
        IfExpr e => [e.Condition, e.Then, e.Otherwise],
        IsMissingExpr e => [e.Operand],
        ImputeExpr e => [e.Operand, e.Fallback],
        TimePartExpr e => [e.Operand],
        InZoneExpr e => [e.Operand],
        CallExpr e => e.Operands.Items,
        StatisticExpr e => [e.Operand],
        BucketizeExpr e => [e.Operand],
        VocabularyExpr e => [e.Operand],
        HashExpr e => [e.Operand],
        TermVectorExpr e => [e.Operand],
        CrossExpr e => e.Operands.Items,
        PickExpr e => [e.Operand],
        BucketizeByExpr e => [e.Operand, e.Category],
        FittedExpr e => e.Operands.Items,
        _ => throw new UnreachableException(),
    };

    /// <summary>The same node over other operands: each child replaced by what <paramref name="map"/> makes of it.</summary>
    public static Expr WithChildren(Expr expr, Func<Expr, Expr> map) => expr switch
    {
        ColumnExpr or NumberExpr or TextExpr or TimestampExpr => expr,
        UnaryExpr e => e with { Operand = map(e.Operand) },
        BinaryExpr e => e with { Left = map(e.Left), Right = map(e.Right) },
        IfExpr e => e with { Condition = map(e.Condition), Then = map(e.Then), Otherwise = map(e.Otherwise) },
        IsMissingExpr e => e with { Operand = map(e.Operand) },
        ImputeExpr e => e with { Operand = map(e.Operand), Fallback = map(e.Fallback) },
        TimePartExpr e => e with { Operand = map(e.Operand) },
        InZoneExpr e => e with { Operand = map(e.Operand) },
        CallExpr e => e with { Operands = [.. e.Operands.Select(map)] },
        StatisticExpr e => e with { Operand = map(e.Operand) },
        BucketizeExpr e => e with { Operand = map(e.Operand) },
        VocabularyExpr e => e with { Operand = map(e.Operand) },
        HashExpr e => e with { Operand = map(e.Operand) },
        TermVectorExpr e => e with { Operand = map(e.Operand) },
        CrossExpr e => e with { Operands = [.. e.Operands.Select(map)] },
        PickExpr e => e with { Operand = map(e.Operand) },
        BucketizeByExpr e => e with { Operand = map(e.Operand), Category = map(e.Category) },
        FittedExpr e => e with { Operands = [.. e.Operands.Select(map)] },
        _ => throw new UnreachableException(),
    };

    /// <summary>The names of all raw columns that the expression reads, each once, in order of first use.</summary>
    public static IEnumerable<string> ColumnsOf(Expr expr) =>
        (expr is ColumnExpr column ? [column.Name] : Of(expr).SelectMany(ColumnsOf)).Distinct(StringComparer.Ordinal);

    /// <summary>Whether this very node needs a full pass over the data before it can be computed.</summary>
    public static bool NeedsPass(Expr expr) =>
        expr is StatisticExpr or BucketizeExpr { Boundaries: QuantileBoundaries } or VocabularyExpr { Terms: LearnedTerms }
            or TermVectorExpr { Terms: LearnedVectorTerms } or FittedExpr;

    /// <summary>Whether no node of the tree needs a full pass any more.</summary>
    public static bool IsFrozen(Expr expr) => !NeedsPass(expr) && Of(expr).All(IsFrozen);
}

using System.Diagnostics;

namespace Capstan.Features;

/// <summary>How many categories a frozen category expression has.</summary>
static class Cardinality
{
    /// <summary>
    /// Texts in a cross count as hashed to 31 bits: 2³¹ − 1 buckets and one for missing would be one too many for an int.
    /// </summary>
    public const int TextBuckets = int.MaxValue - 1;

    public static int Of(Expr expr) => expr switch
    {
        BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } => values.Count + 2,
        VocabularyExpr { Terms: FixedTerms terms } => terms.Values.Count + terms.UnknownBuckets + 1,
        HashExpr hash => hash.Buckets + 1,
        BucketizeByExpr bucketize => bucketize.Boundaries.Max(boundaries => boundaries.Values.Count) + 2,
        CrossExpr cross => NumberingOf(cross).Cardinality,
        _ => throw new UnreachableException(),
    };

    public static CrossNumbering NumberingOf(CrossExpr cross) =>
        new([.. cross.Operands.Select(operand => Of(AsCategory(operand, cross.Seed)))], cross.Buckets, cross.Seed);

    /// <summary>The operand of a cross as a category: itself, or the hash of a text.</summary>
    public static Expr AsCategory(Expr operand, uint seed) =>
        operand is BucketizeExpr or BucketizeByExpr or VocabularyExpr or HashExpr or CrossExpr ? operand
            : new HashExpr(operand, TextBuckets, seed);
}

namespace Capstan.Features;

/// <summary>What options and constants of an expression must satisfy.</summary>
public static partial class ExprTyping
{
    static void Check(BucketizeExpr bucketize)
    {
        switch (bucketize.Boundaries)
        {
            case QuantileBoundaries quantiles:
                Require(bucketize, quantiles.Buckets is >= 2 and <= 1_000_000, "the number of buckets is from 2 to 1,000,000.");
                break;
            case FixedBoundaries boundaries:
                Check(bucketize, boundaries);
                break;
        }
    }

    static void Check(Expr expr, FixedBoundaries boundaries)
    {
        var values = boundaries.Values;
        for (var index = 0; index < values.Count; index++)
        {
            Require(expr, double.IsFinite(values[index]), "every boundary must be finite.");
            Require(expr, index == 0 || values[index - 1] < values[index], "boundaries must be strictly increasing.");
        }
    }

    /// <summary>One of something for each category; how many a learned category has, only the training rows tell.</summary>
    static void CheckCount(Expr expr, Expr category, int count, string things)
    {
        if (ExprChildren.IsFrozen(category) && Cardinality.Of(category) is var expected && count != expected)
        {
            throw new ExpressionException(
                expr, $"{count:N0} {things} were found, expected {expected:N0}: one for each category of '{category}', the " +
                    $"last for missing.");
        }
    }

    static void Check(VocabularyExpr vocabulary)
    {
        Require(vocabulary, vocabulary.Terms.UnknownBuckets is >= 1 and <= 1_000_000, "unknown_buckets is from 1 to 1,000,000.");
        if (vocabulary.Terms is LearnedTerms learned)
        {
            Require(vocabulary, learned.MaxSize is >= 1 and <= 100_000_000, "max_size is from 1 to 100,000,000.");
            Require(vocabulary, learned.MinCount >= 1, "min_count is at least 1.");
        }
    }

    static void Check(TermVectorExpr vector)
    {
        switch (vector.Terms)
        {
            case LearnedVectorTerms learned:
                Require(vector, learned.MaxSize is >= 1 and <= VectorTerms.MostTerms,
                    $"max_size is from 1 to {VectorTerms.MostTerms:N0}.");
                Require(vector, learned.MinCount >= 1, "min_count is at least 1.");
                break;
            case FixedVectorTerms { Values: var values, Factors: var factors }:
                Require(vector, values.Count is >= 1 and <= VectorTerms.MostTerms,
                    $"a vector has from 1 to {VectorTerms.MostTerms:N0} terms.");
                Require(vector, values.Distinct(StringComparer.Ordinal).Count() == values.Count, "a term stands there twice.");
                Require(vector, factors.Count == values.Count && factors.All(double.IsFinite),
                    "every term has one finite factor.");
                break;
        }
    }

    static void Require(Expr expr, bool condition, string rule)
    {
        if (!condition)
        {
            throw new ExpressionException(expr, rule);
        }
    }
}

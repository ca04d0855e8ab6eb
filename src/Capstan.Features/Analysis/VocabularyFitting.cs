using Capstan.Data;

namespace Capstan.Features;

/// <summary>A learned vocabulary gets its terms: the most frequent first, equally frequent ones in reverse byte order.</summary>
static class VocabularyFitting
{
    /// <summary>As many terms as a model may hold; whoever wants more hashes.</summary>
    public const int MostTerms = 10_000_000;

    public static Fitting Of(VocabularyExpr node, LearnedTerms terms) => new Fitting<TextCounts>(
        new TextCountsAnalyzer(node.Operand), counts => node with { Terms = TermsOf(node.Operand, terms, counts) },
        isEnough: counts => counts.Holds(WantedOf(terms)));

    // A vocabulary that asks for all there are gets them up to the limit, and an error beyond it.
    static int WantedOf(LearnedTerms terms) => Math.Min(terms.MaxSize, MostTerms + 1);

    static FixedTerms TermsOf(Expr operand, LearnedTerms terms, TextCounts counts)
    {
        var ordered = counts.Ordered(WantedOf(terms), terms.MinCount);
        return ordered.Count <= MostTerms
            ? new FixedTerms([.. ordered.Select(value => value.Text)], terms.UnknownBuckets)
            : throw new VocabularyFullException(operand.ToString(), MostTerms);
    }
}

/// <summary>A vocabulary would have more terms than a model may hold.</summary>
public sealed class VocabularyFullException(string operand, int limit) : Exception(
    $"'{operand}' has more than {limit:N0} distinct values, too many for the terms of a model. " +
    $"Take the frequent ones: vocabulary({operand}, max_size: 100000); or hash it: hash({operand}, buckets: 100000).")
{
    public string Operand { get; } = operand;

    public int Limit { get; } = limit;
}

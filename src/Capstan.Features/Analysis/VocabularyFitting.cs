using Capstan.Data;

namespace Capstan.Features;

/// <summary>A learned vocabulary gets its terms: the most frequent first, equally frequent ones in reverse byte order.</summary>
static class VocabularyFitting
{
    /// <summary>As many terms as a model may hold; whoever wants more hashes.</summary>
    public const int MostTerms = 10_000_000;

    public static Fitting Of(VocabularyExpr node, LearnedTerms terms) => new Fitting<TextCounts>(
        new TextCountsAnalyzer(node.Operand),
        counts => Of(node, terms, [.. counts.Ordered(WantedOf(terms), terms.MinCount).Select(value => value.Text)]),
        isEnough: counts => counts.Holds(WantedOf(terms)));

    /// <summary>A vocabulary that asks for all there are gets them up to the limit, and an error beyond it.</summary>
    public static int WantedOf(LearnedTerms terms) => Math.Min(terms.MaxSize, MostTerms + 1);

    /// <param name="ordered">The terms found, at most <see cref="WantedOf"/>.</param>
    /// <exception cref="VocabularyFullException">There are more terms than a model may hold.</exception>
    public static Expr Of(VocabularyExpr node, LearnedTerms terms, ValueList<string> ordered) => ordered.Count <= MostTerms
        ? node with { Terms = new FixedTerms(ordered, terms.UnknownBuckets) }
        : throw new VocabularyFullException(node.Operand.ToString(), MostTerms);
}

/// <summary>A vocabulary would have more terms than a model may hold.</summary>
public sealed class VocabularyFullException(string operand, int limit) : Exception(
    $"'{operand}' has more than {limit:N0} distinct values, too many for the terms of a model. " +
    $"Take the frequent ones: vocabulary({operand}, max_size: 100000); or hash it: hash({operand}, buckets: 100000).")
{
    public string Operand { get; } = operand;

    public int Limit { get; } = limit;
}

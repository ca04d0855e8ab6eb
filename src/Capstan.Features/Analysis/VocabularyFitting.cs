using Capstan.Data;

namespace Capstan.Features;

/// <summary>A learned vocabulary gets its terms: the most frequent first, equally frequent ones in reverse byte order.</summary>
static class VocabularyFitting
{
    public static Fitting Of(VocabularyExpr node, LearnedTerms terms) => new Fitting<TopValues>(
        new ValuesAnalyzer(node.Operand), values => node with { Terms = TermsOf(node.Operand, terms, values) });

    static FixedTerms TermsOf(Expr operand, LearnedTerms terms, TopValues values) => values.IsExact
        ? new FixedTerms(
            [.. values.Ordered(terms.MaxSize).TakeWhile(value => value.Count >= terms.MinCount).Select(value => value.Text)],
            terms.UnknownBuckets)
        : throw new VocabularyFullException(operand.ToString(), values.MaxValues);
}

/// <summary>A vocabulary's operand has more distinct values than are counted exactly.</summary>
public sealed class VocabularyFullException(string operand, int limit) : Exception(
    $"'{operand}' has more than {limit:N0} distinct values (or they are very long), too many for an exact vocabulary. " +
    $"Hash it instead: hash({operand}, buckets: 100000).")
{
    public string Operand { get; } = operand;

    public int Limit { get; } = limit;
}

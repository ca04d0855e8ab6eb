using Capstan.Data;

namespace Capstan.Features;

/// <summary>A learned vector gets its terms, and their factors: those in most lists first, equally frequent ones in reverse byte order.</summary>
static class TermVectorFitting
{
    public static Fitting Of(TermVectorExpr node, LearnedVectorTerms terms) => new Fitting<DocumentFrequencies>(
        new DocumentsAnalyzer(node.Operand), state => Of(node, terms, state));

    /// <param name="documents">How many lists there are.</param>
    /// <param name="kept">The terms in their order, each with the number of lists in which it stands.</param>
    /// <exception cref="ExpressionException">There is none.</exception>
    public static Expr Of(TermVectorExpr node, LearnedVectorTerms terms, long documents, IReadOnlyList<(string Text, long Count)> kept) => kept.Count == 0
        ? throw new ExpressionException(
            node, $"no term stands in {terms.MinCount:N0} or more of the {documents:N0} lists of the training rows; lower min_count, or leave the feature out.")
        : node with
        {
            Terms = new FixedVectorTerms([.. kept.Select(term => term.Text)], [.. kept.Select(term => FactorOf(node.Weight, terms, documents, term.Count))]),
        };

    static Expr Of(TermVectorExpr node, LearnedVectorTerms terms, DocumentFrequencies state) => state.Terms.IsExact
        ? Of(
            node, terms, state.Documents,
            [.. state.Terms.Ordered(terms.MaxSize).TakeWhile(term => term.Count >= terms.MinCount).Select(term => (term.Text, term.Count))])
        : throw new VocabularyFullException(node.Operand.ToString(), state.Terms.MaxValues);

    static double FactorOf(TermWeight weight, LearnedVectorTerms terms, long documents, long with) => weight != TermWeight.InverseFrequency ? 1
        : terms.IsSmooth ? 1 + Math.Log((documents + 1.0) / (with + 1.0))
        : 1 + Math.Log((double)documents / with);
}

/// <summary>In how many lists each item stands.</summary>
sealed record DocumentsAnalyzer(Expr List) : Analyzer<DocumentFrequencies>([Expressions.Distinct(List)], [])
{
    public override void Observe(DocumentFrequencies state, in PassRows rows)
    {
        var lists = rows.Lists(0);
        for (var row = 0; row < rows.Count; row++)
        {
            if (!lists.IsPresent(row))
            {
                continue;
            }

            state.ObserveDocument();
            for (var (item, end) = (lists[row].Start.Value, lists[row].End.Value); item < end; item++)
            {
                state.Terms.Observe(lists.ItemAt(item));
            }
        }
    }
}

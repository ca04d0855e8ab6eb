using Capstan.Data;

namespace Capstan.Features;

/// <summary>A learned vector gets its terms, and their factors: those in most lists first, equally frequent ones in reverse byte order.</summary>
static class TermVectorFitting
{
    public static Fitting Of(TermVectorExpr node, LearnedVectorTerms terms) => new Fitting<DocumentFrequencies>(
        new DocumentsAnalyzer(node.Operand), state => node with { Terms = TermsOf(node, terms, state) });

    static FixedVectorTerms TermsOf(TermVectorExpr node, LearnedVectorTerms terms, DocumentFrequencies state)
    {
        if (!state.Terms.IsExact)
        {
            throw new VocabularyFullException(node.Operand.ToString(), state.Terms.MaxValues);
        }

        var kept = state.Terms.Ordered(terms.MaxSize).TakeWhile(term => term.Count >= terms.MinCount).ToArray();
        return kept.Length == 0
            ? throw new ExpressionException(
                node, $"no term stands in {terms.MinCount:N0} or more of the {state.Documents:N0} lists of the training rows; lower min_count, or leave the feature out.")
            : new FixedVectorTerms([.. kept.Select(term => term.Text)], [.. kept.Select(term => FactorOf(node.Weight, terms, state.Documents, term.Count))]);
    }

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

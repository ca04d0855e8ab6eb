using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// vocabulary(w, max_size, label: y): the terms that tell most about a label instead of the most frequent ones, by
/// <see cref="MutualInformation"/>. Equally informative ones: the more frequent first, then in reverse byte order.
/// </summary>
sealed class InformativeTerms : FittedFunction
{
    public static readonly InformativeTerms Instance = new();

    InformativeTerms()
        : base("vocabulary", ValueKind.Category, FittedOperand.Key("w"), FittedOperand.Named("label", ValueKind.Truth))
    {
    }

    internal override ImmutableArray<FittedOption> Options =>
    [
        FittedOption.Whole("max_size", 10_000, 1, 100_000_000), FittedOption.Whole("min_count", 1, 1, long.MaxValue),
        FittedOption.Whole("unknown_buckets", 1, 1, 1_000_000),
    ];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<ByKey<LabelCounts>>(
        new LabelCountsAnalyzer(node.Operands[0], node.Operands[1]),
        counts =>
        {
            KeyTable.Check(node, node.Operands[0], counts);
            return Of(node, counts.Ordered(), counts.Overall);
        });

    /// <param name="counts">Of each term, in byte order.</param>
    internal static Expr Of(FittedExpr node, IEnumerable<(string Term, LabelCounts Counts)> counts, LabelCounts overall)
    {
        var terms = counts.Reverse()
            .Where(each => each.Counts.Total >= node.Options[1])
            .Select(each => (each.Term, each.Counts.Total, Information: MutualInformation.Adjusted(each.Counts, overall)))
            .OrderByDescending(each => each.Information).ThenByDescending(each => each.Total)
            .Take((int)node.Options[0])
            .Select(each => each.Term);
        return new VocabularyExpr(node.Operands[0], new FixedTerms([.. terms], (int)node.Options[2]));
    }
}

/// <summary>Rows without a label do not count; those without a term count as rows that have none of the terms.</summary>
sealed record LabelCountsAnalyzer(Expr Term, Expr Label) : Analyzer<ByKey<LabelCounts>>([Label], [Term])
{
    public override void Observe(ByKey<LabelCounts> state, in PassRows rows)
    {
        var labels = rows.Numbers(0);
        var terms = rows.Texts(0);
        for (var row = 0; row < labels.Length; row++)
        {
            if (double.IsNaN(labels[row]))
            {
                continue;
            }

            state.Overall.Observe(labels[row] == 1);
            if (terms.IsPresent(row))
            {
                state.At(terms[row])?.Observe(labels[row] == 1);
            }
        }
    }
}

using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// vocabulary(w, max_size, weight: x): the terms whose rows have most weight together instead of the most frequent ones; equally
/// weighty ones in reverse byte order. Rows whose weight is missing or not above 0 are left out.
/// </summary>
sealed class WeightedTerms : FittedFunction
{
    public static readonly WeightedTerms Instance = new();

    WeightedTerms()
        : base("vocabulary", ValueKind.Category, FittedOperand.Key("w"), FittedOperand.Named("weight", ValueKind.Number))
    {
    }

    internal override ImmutableArray<FittedOption> Options => InformativeTerms.Instance.Options;

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<ByKey<Moments>>(
        new WeightsByTermAnalyzer(node.Operands[0], node.Operands[1]),
        weights =>
        {
            KeyTable.Check(node, node.Operands[0], weights);
            var terms = weights.Ordered().Reverse().Where(each => each.State.Count >= node.Options[1])
                .OrderByDescending(each => each.State.Mean * each.State.Count).Take((int)node.Options[0])
                    .Select(each => each.Key);
            return new VocabularyExpr(node.Operands[0], new FixedTerms([.. terms], (int)node.Options[2]));
        });
}

sealed record WeightsByTermAnalyzer(Expr Term, Expr Weight) : Analyzer<ByKey<Moments>>([Weight], [Term])
{
    public override void Observe(ByKey<Moments> state, in PassRows rows)
    {
        var weights = rows.Numbers(0);
        var terms = rows.Texts(0);
        for (var row = 0; row < weights.Length; row++)
        {
            if (weights[row] > 0 && terms.IsPresent(row))
            {
                state.Overall.Observe(weights[row]);
                state.At(terms[row])?.Observe(weights[row]);
            }
        }
    }
}

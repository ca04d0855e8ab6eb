using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// target_encode(key, label): the mean label of the training rows with the row's key, drawn towards the mean of all rows as if
/// <c>smoothing</c> rows more had it: (sum + m·mean) / (count + m). Keys that are missing, never seen or of fewer than min_rows
/// rows have the mean of all.
/// </summary>
/// <remarks>
/// A training row must not find its own label in its features. Rows fall into <see cref="FoldSums.Folds"/> folds by their place,
/// and a training row's feature is computed from the other folds; the mean of all rows, one constant for every row, is not. Rows
/// that were not trained on get the frozen form, which knows nothing of folds: docs/decisions/0108. Source: Micci-Barreca 2001
/// (SIGKDD Explorations 3.1), eq. 3 with an m-estimate for λ.
/// </remarks>
sealed class TargetEncoding : FittedFunction
{
    public static readonly TargetEncoding Instance = new();

    TargetEncoding()
        : base("target_encode", ValueKind.Number, FittedOperand.Key("key"), FittedOperand.Number("label"))
    {
    }

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Real("smoothing", 10, 0, 1e9), KeyTable.MinRows];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<ByKey<FoldSums>>(
        new TargetSumsAnalyzer(node.Operands[0], node.Operands[1]), sums => Frozen(node, sums), sums => OutOfFold(node, sums));

    static Expr Frozen(FittedExpr node, ByKey<FoldSums> sums)
    {
        var mean = MeanOf(sums.Overall);
        return KeyTable.Of(
            node, node.Operands[0], sums,
            Kept(node, sums).Select(each => (each.Key, Smoothed(node, each.State.Count, each.State.Sum, mean))), mean);
    }

    /// <summary>The same means without the row's own fold, picked by key and fold.</summary>
    static Expr OutOfFold(FittedExpr node, ByKey<FoldSums> sums)
    {
        var mean = MeanOf(sums.Overall);
        var (keys, values) = (new List<string>(), new List<double>());
        foreach (var (key, state) in Kept(node, sums))
        {
            keys.Add(key);
            for (var fold = 0; fold < FoldSums.Folds; fold++)
            {
                var (count, sum) = state.Without(fold);
                values.Add(Smoothed(node, count, sum, mean));
            }

            // No row lacks a fold, but a category has a place for missing.
            values.Add(mean);
        }

        values.AddRange(Enumerable.Repeat(mean, 2 * (FoldSums.Folds + 1)));
        double[] folds = [.. Enumerable.Range(1, FoldSums.Folds - 1).Select(fold => (double)fold)];
        var ownFold = Expressions.Bucketize(FoldedSource.Fold, folds);
        var place = Expressions.Cross(values.Count, new VocabularyExpr(node.Operands[0], new FixedTerms([.. keys], 1)), ownFold);
        return new PickExpr(place, [.. values]);
    }

    static IEnumerable<(string Key, FoldSums State)> Kept(FittedExpr node, ByKey<FoldSums> sums) =>
        sums.Ordered().Where(each => each.State.Count >= node.Options[1]);

    static double Smoothed(FittedExpr node, long count, double sum, double mean)
    {
        var smoothing = node.Options[0];
        return count + smoothing > 0 ? (sum + smoothing * mean) / (count + smoothing) : mean;
    }

    static double MeanOf(FoldSums sums) => sums.Count == 0 ? 0 : sums.Sum / sums.Count;
}

sealed record TargetSumsAnalyzer(Expr Key, Expr Label) : Analyzer<ByKey<FoldSums>>([Label, FoldedSource.Fold], [Key])
{
    public override void Observe(ByKey<FoldSums> state, in PassRows rows)
    {
        var labels = rows.Numbers(0);
        var folds = rows.Numbers(1);
        var keys = rows.Texts(0);
        for (var row = 0; row < labels.Length; row++)
        {
            state.Overall.Observe((int)folds[row], labels[row]);
            if (keys.IsPresent(row) && !double.IsNaN(labels[row]))
            {
                state.At(keys[row])?.Observe((int)folds[row], labels[row]);
            }
        }
    }
}

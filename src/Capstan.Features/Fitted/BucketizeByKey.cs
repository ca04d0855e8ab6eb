using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// bucketize_by(x, key, buckets): buckets of equal mass over the training rows that have the row's key (tf.Transform's
/// bucketize_per_key). Where the key is missing, was never seen or had fewer than min_rows numbers, the buckets of all rows.
/// </summary>
sealed class BucketizeByKey : FittedFunction
{
    public static readonly BucketizeByKey Instance = new();

    // A key's sketch has at most 12 KiB for 1,500 rows, and some 70 KiB for a million.
    internal const int MaxKeys = 10_000;

    BucketizeByKey()
        : base("bucketize_by", ValueKind.Category, FittedOperand.Number("x"), FittedOperand.Key("key"))
    {
    }

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Whole("buckets", null, 2, 10_000), KeyTable.MinRows];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<ByKey<QuantileSketch>>(
        new QuantilesByKeyAnalyzer(node.Operands[0], node.Operands[1]),
        sketches =>
        {
            KeyTable.Check(node, node.Operands[1], sketches);
            var kept = sketches.Ordered().Where(each => each.State.Count >= node.Options[1]);
            return Of(node, kept.Select(each => (each.Key, BoundariesOf(each.State))), BoundariesOf(sketches.Overall));

            FixedBoundaries BoundariesOf(QuantileSketch sketch) => new([.. sketch.Boundaries((int)node.Options[0])]);
        });

    /// <param name="table">Of the keys that have enough rows, in byte order.</param>
    internal static Expr Of(
        FittedExpr node, IEnumerable<(string Key, FixedBoundaries Boundaries)> table, FixedBoundaries otherwise)
    {
        var rows = table.ToArray();
        return new BucketizeByExpr(
            node.Operands[0], new VocabularyExpr(node.Operands[1], new FixedTerms([.. rows.Select(row => row.Key)], 1)),
            [.. rows.Select(row => row.Boundaries), otherwise, otherwise]);
    }
}

/// <summary>
/// A sketch for each key, smaller than that of a column: exact for the first 1,500 numbers, then within 1 % of the rank.
/// </summary>
sealed record QuantilesByKeyAnalyzer(Expr X, Expr Key) : Analyzer<ByKey<QuantileSketch>>([X], [Key])
{
    const double RankErrorLimit = 0.01;

    protected override ByKey<QuantileSketch> Empty => new(() => new QuantileSketch(RankErrorLimit), BucketizeByKey.MaxKeys);

    public override void Observe(ByKey<QuantileSketch> state, in PassRows rows)
    {
        var x = rows.Numbers(0);
        var keys = rows.Texts(0);
        state.Overall.Observe(x);
        for (var row = 0; row < x.Length; row++)
        {
            if (keys.IsPresent(row) && !double.IsNaN(x[row]))
            {
                state.At(keys[row])?.Observe(x[row]);
            }
        }
    }
}

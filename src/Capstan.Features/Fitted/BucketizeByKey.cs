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
            var (keys, boundaries) = (new List<string>(), new List<FixedBoundaries>());
            foreach (var (key, sketch) in sketches.Ordered().Where(each => each.State.Count >= node.Options[1]))
            {
                keys.Add(key);
                boundaries.Add(BoundariesOf(sketch));
            }

            var otherwise = BoundariesOf(sketches.Overall);
            return new BucketizeByExpr(
                node.Operands[0], new VocabularyExpr(node.Operands[1], new FixedTerms([.. keys], 1)),
                [.. boundaries, otherwise, otherwise]);

            FixedBoundaries BoundariesOf(QuantileSketch sketch) => new([.. sketch.Boundaries((int)node.Options[0])]);
        });
}

/// <summary>
/// A sketch for each key, smaller than that of a column: exact for the first 1,500 numbers, then within 1 % of the rank.
/// </summary>
sealed record QuantilesByKeyAnalyzer(Expr X, Expr Key) : Analyzer<ByKey<QuantileSketch>>([X], [Key])
{
    const double RankErrorLimit = 0.01;

    // At most 12 KiB each for 1,500 rows, and some 70 KiB for a million.
    const int MaxKeys = 10_000;

    protected override ByKey<QuantileSketch> Empty => new(() => new QuantileSketch(RankErrorLimit), MaxKeys);

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

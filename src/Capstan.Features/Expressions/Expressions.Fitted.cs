namespace Capstan.Features;

/// <summary>What is fitted by key, weight or label. A key is a text, or a number or truth by its text.</summary>
public static partial class Expressions
{
    /// <param name="minRows">Of a key with fewer rows, and of an unknown or missing one, it is the mean of all rows.</param>
    public static Expr MeanBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Mean, x, key, minRows);

    public static Expr StandardDeviationBy(Expr x, Expr key, int minRows = 10) =>
        ByKey(StatisticByKey.StandardDeviation, x, key, minRows);

    public static Expr MinimumBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Minimum, x, key, minRows);

    public static Expr MaximumBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Maximum, x, key, minRows);

    public static Expr RangeBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Range, x, key, minRows);

    /// <summary>How many training rows had the key; 0 for unknown and missing ones.</summary>
    public static Expr CountBy(Expr key) => new FittedExpr(CountByKey.Instance, [key], []);

    /// <summary>(x − mean) / standard deviation, both of the key's rows (tf.Transform's scale_to_z_score_per_key).</summary>
    public static Expr ZScoreBy(Expr x, Expr key, int minRows = 10) =>
        (x - MeanBy(x, key, minRows)) / StandardDeviationBy(x, key, minRows);

    /// <summary>(x − min) / (max − min), all of the key's rows (tf.Transform's scale_to_0_1_per_key).</summary>
    public static Expr MinMaxBy(Expr x, Expr key, int minRows = 10) =>
        (x - MinimumBy(x, key, minRows)) / RangeBy(x, key, minRows);

    /// <summary>Buckets of equal mass over the training rows with the same key.</summary>
    public static Expr BucketizeBy(Expr x, Expr key, int buckets, int minRows = 10) =>
        new FittedExpr(BucketizeByKey.Instance, [x, key], [buckets, minRows]);

    /// <summary>As <see cref="Quantile(Expr, double)"/>, where a row counts by its weight.</summary>
    public static Expr WeightedQuantile(Expr x, double share, Expr weight) =>
        new FittedExpr(Features.WeightedQuantile.Instance, [x, weight], [share]);

    /// <summary>Buckets of equal weight over the training rows.</summary>
    public static Expr WeightedBucketize(Expr x, int buckets, Expr weight) =>
        new FittedExpr(WeightedBuckets.Instance, [x, weight], [buckets]);

    /// <summary>A vocabulary of the terms that tell most about a label (tf.Transform's adjusted mutual information).</summary>
    /// <param name="label">A truth.</param>
    public static Expr InformativeVocabulary(
        Expr x, Expr label, int maxSize = 10_000, long minCount = 1, int unknownBuckets = 1) =>
        new FittedExpr(InformativeTerms.Instance, [x, label], [maxSize, minCount, unknownBuckets]);

    /// <summary>The standard normal quantile of the share of training rows below x.</summary>
    public static Expr Gaussianize(Expr x) => new FittedExpr(Gaussianizing.Instance, [x], []);

    /// <summary>
    /// How far a row lies along one of the principal axes of the operands over the training rows; centred, not scaled.
    /// </summary>
    /// <param name="component">0-based, by descending variance.</param>
    /// <param name="operands">2 to 64 numbers.</param>
    public static Expr Pca(int component, params ReadOnlySpan<Expr> operands) =>
        new FittedExpr(PrincipalComponent.Instance, [.. operands], [component]);

    /// <summary>
    /// The smoothed mean label of the training rows with the same key; of training rows, without the row's own fold.
    /// </summary>
    /// <param name="label">A number or truth.</param>
    /// <param name="smoothing">How many rows with the mean of all are added to each key's.</param>
    public static Expr TargetEncode(Expr key, Expr label, double smoothing = 10, int minRows = 10) =>
        new FittedExpr(TargetEncoding.Instance, [key, label], [smoothing, minRows]);

    /// <summary>The number at a category's place: one for each category, the last for missing.</summary>
    public static Expr Pick(Expr category, params ReadOnlySpan<double> values) => new PickExpr(category, [.. values]);

    static FittedExpr ByKey(StatisticByKey function, Expr x, Expr key, int minRows) => new(function, [x, key], [minRows]);
}

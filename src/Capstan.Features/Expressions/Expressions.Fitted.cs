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

    /// <summary>A vocabulary of the terms whose rows have most weight together (tf.Transform's weights).</summary>
    /// <param name="weight">A number; rows where it is missing or not above 0 are left out.</param>
    public static Expr WeightedVocabulary(
        Expr x, Expr weight, int maxSize = 10_000, long minCount = 1, int unknownBuckets = 1) =>
        new FittedExpr(WeightedTerms.Instance, [x, weight], [maxSize, minCount, unknownBuckets]);

    /// <summary>The sum over the training rows.</summary>
    public static Expr Sum(Expr x) => new FittedExpr(Total.Sum, [x], []);

    /// <summary>The biased variance over the training rows.</summary>
    public static Expr Variance(Expr x) => new FittedExpr(Total.Variance, [x], []);

    /// <summary>The biased covariance over the training rows that have both.</summary>
    public static Expr Covariance(Expr x, Expr y) => new FittedExpr(CovarianceOf.Instance, [x, y], []);

    /// <summary>The share of training rows below x, 0 to 1.</summary>
    public static Expr Uniformize(Expr x) => new FittedExpr(QuantileTransform.Uniform, [x], []);

    /// <summary>The probability density at x, by a histogram of equal widths over the training rows.</summary>
    public static Expr Density(Expr x, int bins = 20) => new FittedExpr(Features.Density.Instance, [x], [bins]);

    /// <summary>The standard normal quantile of the share of training rows below x.</summary>
    public static Expr Gaussianize(Expr x) => new FittedExpr(QuantileTransform.Gaussian, [x], []);

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

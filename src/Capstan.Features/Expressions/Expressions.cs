namespace Capstan.Features;

/// <summary>The vocabulary for writing expressions in C#: <c>using static Capstan.Features.Expressions;</c>.</summary>
public static partial class Expressions
{
    public static Expr Col(string name) => new ColumnExpr(name);

    public static Expr Text(string value) => new TextExpr(value);

    public static Expr Log(Expr x) => new UnaryExpr(UnaryOperator.Log, x);

    public static Expr LogOnePlus(Expr x) => new UnaryExpr(UnaryOperator.LogOnePlus, x);

    public static Expr Exp(Expr x) => new UnaryExpr(UnaryOperator.Exponential, x);

    public static Expr Sqrt(Expr x) => new UnaryExpr(UnaryOperator.SquareRoot, x);

    public static Expr Abs(Expr x) => new UnaryExpr(UnaryOperator.Absolute, x);

    public static Expr Floor(Expr x) => new UnaryExpr(UnaryOperator.Floor, x);

    public static Expr Sin(Expr x) => new UnaryExpr(UnaryOperator.Sine, x);

    public static Expr Cos(Expr x) => new UnaryExpr(UnaryOperator.Cosine, x);

    public static Expr Not(Expr x) => new UnaryExpr(UnaryOperator.Not, x);

    public static Expr Min(Expr x, Expr y) => new BinaryExpr(BinaryOperator.Minimum, x, y);

    public static Expr Max(Expr x, Expr y) => new BinaryExpr(BinaryOperator.Maximum, x, y);

    public static Expr Equal(Expr x, Expr y) => new BinaryExpr(BinaryOperator.Equal, x, y);

    public static Expr NotEqual(Expr x, Expr y) => new BinaryExpr(BinaryOperator.NotEqual, x, y);

    public static Expr And(Expr x, Expr y) => new BinaryExpr(BinaryOperator.And, x, y);

    public static Expr Or(Expr x, Expr y) => new BinaryExpr(BinaryOperator.Or, x, y);

    /// <summary>x limited to [low, high]; missing stays missing.</summary>
    public static Expr Clip(Expr x, Expr low, Expr high) => Min(Max(x, low), high);

    public static Expr If(Expr condition, Expr then, Expr otherwise) => new IfExpr(condition, then, otherwise);

    public static Expr IsMissing(Expr x) => new IsMissingExpr(x);

    /// <summary>x, or the fallback (a constant, a statistic, another column) where x is missing.</summary>
    public static Expr Impute(Expr x, Expr fallback) => new ImputeExpr(x, fallback);

    public static Expr Mean(Expr x) => new StatisticExpr(Statistic.Mean, 0, x);

    public static Expr StandardDeviation(Expr x) => new StatisticExpr(Statistic.StandardDeviation, 0, x);

    public static Expr Minimum(Expr x) => new StatisticExpr(Statistic.Minimum, 0, x);

    public static Expr Maximum(Expr x) => new StatisticExpr(Statistic.Maximum, 0, x);

    /// <summary>Maximum − minimum; 1 where that is 0.</summary>
    public static Expr Range(Expr x) => new StatisticExpr(Statistic.Range, 0, x);

    /// <param name="share">0 to 1; 0.5 is the median.</param>
    public static Expr Quantile(Expr x, double share) => new StatisticExpr(Statistic.Quantile, share, x);

    public static Expr Median(Expr x) => Quantile(x, 0.5);

    /// <summary>(x − mean) / standard deviation, over the training rows (tf.Transform's scale_to_z_score).</summary>
    public static Expr ZScore(Expr x) => (x - Mean(x)) / StandardDeviation(x);

    /// <summary>
    /// (x − min) / (max − min), over the training rows: 0 to 1 there, beyond it for values never seen (tf.Transform's
    /// scale_to_0_1).
    /// </summary>
    public static Expr MinMax(Expr x) => (x - Minimum(x)) / Range(x);

    /// <summary>Buckets of equal mass over the training rows.</summary>
    public static Expr Bucketize(Expr x, int buckets) => new BucketizeExpr(x, new QuantileBoundaries(buckets));

    public static Expr Bucketize(Expr x, params ReadOnlySpan<double> boundaries) =>
        new BucketizeExpr(x, new FixedBoundaries([.. boundaries]));

    public static Expr Vocabulary(Expr x, int maxSize = 10_000, long minCount = 1, int unknownBuckets = 1) =>
        new VocabularyExpr(x, new LearnedTerms(maxSize, minCount, unknownBuckets));

    /// <summary>These terms, then one category for all others.</summary>
    public static Expr Vocabulary(Expr x, params ReadOnlySpan<string> terms) =>
        new VocabularyExpr(x, new FixedTerms([.. terms], 1));

    public static Expr Hash(Expr x, int buckets, uint seed = 0) => new HashExpr(x, buckets, seed);

    public static Expr Cross(int buckets, params ReadOnlySpan<Expr> operands) => new CrossExpr([.. operands], buckets, 0);

    public static Expr Year(Expr time) => new TimePartExpr(TimePart.Year, time);

    public static Expr Month(Expr time) => new TimePartExpr(TimePart.Month, time);

    public static Expr Day(Expr time) => new TimePartExpr(TimePart.Day, time);

    public static Expr Hour(Expr time) => new TimePartExpr(TimePart.Hour, time);

    public static Expr Minute(Expr time) => new TimePartExpr(TimePart.Minute, time);

    public static Expr Second(Expr time) => new TimePartExpr(TimePart.Second, time);

    public static Expr Weekday(Expr time) => new TimePartExpr(TimePart.Weekday, time);

    public static Expr DayOfYear(Expr time) => new TimePartExpr(TimePart.DayOfYear, time);

    public static Expr EpochSeconds(Expr time) => new TimePartExpr(TimePart.EpochSeconds, time);
}

namespace Capstan.Features;

/// <summary>
/// What features are made of and C# has no word for, for use in lambdas: <c>(Trip t) => Feature.ZScore(t.Fare)</c>. The methods
/// stand for the expressions of the same name (<see cref="Expressions"/>) and throw when they are really called.
/// </summary>
public static partial class Feature
{
    const string Reason = "This method only stands for a function inside a lambda that becomes an expression; it can't be " +
        "called.";

    /// <summary>
    /// Any expression inside a lambda, in its text form: <c>Feature.From&lt;double&gt;("number(code)") * 2</c>.
    /// </summary>
    /// <typeparam name="T">What C# takes it for; missing values make no difference to it.</typeparam>
    public static T From<T>(string expression) => throw IsNeverCalled();

    /// <summary>Any expression inside a lambda: one made before by operators or another lambda.</summary>
    public static T From<T>(Expr expression) => throw IsNeverCalled();

    /// <summary>
    /// x, or the fallback where x is missing; as <c>??</c>, but also for types that C# believes to be never null.
    /// </summary>
    public static T Impute<T>(T? x, T fallback) => throw IsNeverCalled();

    /// <summary>Whether x is missing, or a number that is not finite.</summary>
    public static bool IsMissing<T>(T? x) => throw IsNeverCalled();

    /// <summary>(x − mean) / standard deviation, over the training rows.</summary>
    public static double ZScore(double? x) => throw IsNeverCalled();

    /// <summary>0 to 1 over the training rows.</summary>
    public static double MinMax(double? x) => throw IsNeverCalled();

    /// <summary>The mean of x over the training rows.</summary>
    public static double Mean(double? x) => throw IsNeverCalled();

    /// <summary>The standard deviation of x over the training rows; 1 where it is 0.</summary>
    public static double StandardDeviation(double? x) => throw IsNeverCalled();

    /// <summary>The least x of the training rows. The smaller of two numbers is <see cref="Math.Min(double, double)"/>.</summary>
    public static double Minimum(double? x) => throw IsNeverCalled();

    /// <summary>The greatest x of the training rows.</summary>
    public static double Maximum(double? x) => throw IsNeverCalled();

    /// <summary>Maximum − minimum over the training rows; 1 where it is 0.</summary>
    public static double Range(double? x) => throw IsNeverCalled();

    /// <param name="share">0 to 1; a constant.</param>
    public static double Quantile(double? x, double share) => throw IsNeverCalled();

    public static double Median(double? x) => throw IsNeverCalled();

    /// <summary>Buckets of equal mass over the training rows.</summary>
    public static Category Bucketize(double? x, int buckets) => throw IsNeverCalled();

    /// <param name="boundaries">Constants, strictly increasing.</param>
    public static Category Bucketize(double? x, params double[] boundaries) => throw IsNeverCalled();

    /// <summary>The most frequent texts of the training rows, at most 10,000.</summary>
    public static Category Vocabulary(string? text) => throw IsNeverCalled();

    public static Category Vocabulary(string? text, int maxSize) => throw IsNeverCalled();

    public static Category Vocabulary(string? text, int maxSize, long minCount, int unknownBuckets) => throw IsNeverCalled();

    /// <summary>These texts, then one category for all others.</summary>
    public static Category Vocabulary(string? text, params string[] terms) => throw IsNeverCalled();

    /// <summary>The most frequent numbers of the training rows, at most 10,000.</summary>
    public static Category Vocabulary(double? x) => throw IsNeverCalled();

    public static Category Vocabulary(double? x, int maxSize) => throw IsNeverCalled();

    public static Category Hash(string? text, int buckets) => throw IsNeverCalled();

    public static Category Hash(string? text, int buckets, uint seed) => throw IsNeverCalled();

    public static Category Hash(double? x, int buckets) => throw IsNeverCalled();

    public static Category Hash(double? x, int buckets, uint seed) => throw IsNeverCalled();

    /// <summary>All combinations of categories (or texts) as one category.</summary>
    public static Category Cross(int buckets, params Category[] operands) => throw IsNeverCalled();

    internal static Exception IsNeverCalled() => new InvalidOperationException(Reason);
}

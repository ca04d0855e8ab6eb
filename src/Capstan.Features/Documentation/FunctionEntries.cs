namespace Capstan.Features;

/// <summary>
/// Every function and operator of expressions, described: the one place for the reference page and the command line.
/// </summary>
public static partial class FunctionEntries
{
    const string NotMissing = "the value is never missing";
    const string LeftOut = "left out; missing where x is never there";
    const string Keys = "; that of all rows where the key was not seen in `min_rows` (10) rows. A key is a text, or a number or truth by its text";
    const string KeyOfItsOwn = "a missing x is left out; a missing key is given the statistic of all rows";
    const string KeyAndX = KeyOfItsOwn + "; missing where x is";
    const string OwnCategory = "a category of its own, the last";

    public static IReadOnlyList<FunctionGroup> Groups { get; } =
    [
        new("Operators", Operators), new("Numbers", Numbers), new("Choices and missing values", Choices), new("Times", Times), new("Texts", Texts), new("Lists and vectors", Lists),
        new("Places", Places), new("Statistics of the training rows", Statistics), new("Statistics by key", ByKey),
        new("Categories", Categories),
    ];

    public static IEnumerable<FunctionEntry> All => Groups.SelectMany(group => group.Entries);

    /// <summary>The entries of one name: some functions have more than one usage.</summary>
    public static IEnumerable<FunctionEntry> Find(string name) => All.Where(entry => entry.Name == name);

    static FunctionEntry[] Operators =>
    [
        new("x + y", "the sum"),
        new("x - y", "the difference"),
        new("x * y", "the product"),
        new("x / y", "the quotient; missing for y = 0"),
        new("x % y", "the remainder x − y·⌊x/y⌋, which has the sign of y; missing for y = 0"),
        new("-x", "the negative"),
        new("x == y", "true or false; of two numbers, texts, truths or times"),
        new("x != y", "true or false"),
        new("x < y", "true or false; of two numbers or times"),
        new("x <= y", "true or false"),
        new("x > y", "true or false"),
        new("x >= y", "true or false"),
        new("condition and night", "true where both are, also written `&&`", "false where either is false, else missing where either is"),
        new("condition or night", "true where either is, also written `||`", "true where either is true, else missing where either is"),
        new("not condition", "true where it is false, also written `!`"),
    ];

    static FunctionEntry[] Numbers =>
    [
        new("abs(x)", "the magnitude"),
        new("sqrt(x)", "the square root; missing for x < 0"),
        new("log(x)", "the natural logarithm; missing for x ≤ 0"),
        new("log1p(x)", "log(1 + x), exact for small x; missing for x ≤ −1"),
        new("log10(x)", "the logarithm to base 10; missing for x ≤ 0"),
        new("exp(x)", "e to the x; missing where that is too large for a number"),
        new("power(x, y)", "x to the power y; missing where that is no finite real number"),
        new("floor(x)", "the largest whole number not above x"),
        new("round(x)", "the nearest whole number; halves go to the even one"),
        new("sign(x)", "−1, 0 or 1"),
        new("min(x, y)", "the smaller"),
        new("max(x, y)", "the larger"),
        new("clip(x, low, high)", "x limited to low … high"),
        new("between(x, low, high)", "whether low ≤ x ≤ high; of times as well", "false where a bound is not met, else missing where an operand is"),
        new("interpolate(x, [0, 10, 20], [0, 1, 1.5])", "straight lines between the points (0, 0), (10, 1), (20, 1.5); beyond them the ends"),
        new("sin(x)", "the sine of radians"),
        new("cos(x)", "the cosine of radians"),
        new("tanh(x)", "the hyperbolic tangent"),
        new("atan2(y, x)", "the angle of the point (x, y) in radians, −π to π; 0 at the origin"),
        new("degrees(x)", "of an angle in radians"),
        new("radians(x)", "of an angle in degrees"),
        new("cycle_sin(x, 24)", "sin(2π · x / 24): with `cycle_cos` a place on a circle, so that hour 23 is next to hour 0"),
        new("cycle_cos(x, 24)", "cos(2π · x / 24)"),
    ];

    static FunctionEntry[] Choices =>
    [
        new("if(condition, then, otherwise)", "`then` where the condition is true, else `otherwise`", "a missing condition chooses `otherwise`"),
        new("is_missing(x)", "whether x is missing; of any kind but a category", "true"),
        new("impute(x, fallback)", "x, or the fallback where x is missing", "replaced"),
        new("coalesce(x, y, 0)", "the first that is not missing", "replaced"),
    ];

    static FunctionEntry[] Statistics =>
    [
        new("mean(x)", "the mean", LeftOut),
        new("stddev(x)", "the standard deviation, of the rows and not of a population behind them; 1 where it is 0", LeftOut),
        new("sum(x)", "the sum", LeftOut),
        new("variance(x)", "the variance, of the rows and not of a population behind them", LeftOut),
        new("covariance(x, y)", "the covariance, of the rows and not of a population behind them", "rows that miss one are left out"),
        new("minimum(x)", "the least", LeftOut),
        new("maximum(x)", "the greatest", LeftOut),
        new("range(x)", "maximum − minimum; 1 where it is 0", LeftOut),
        new("quantile(x, 0.9)", "the value below which a share of 0.9 lies; exact for few rows, within the sketch's rank error for many", LeftOut),
        new("quantile(x, 0.9, weight: y)", "the quantile of the rows' weight; rows whose weight is missing or not above 0 are left out", LeftOut),
        new("median(x)", "`quantile(x, 0.5)`", LeftOut),
        new("z_score(x)", "(x − mean) / standard deviation", "left out of the statistics; missing where x is"),
        new("uniformize(x)", "the share of training rows below x: 0 to 1", "left out of the quantiles; missing where x is"),
        new(
            "density(x, bins: 2)", "how dense training rows lie around x: their share in its bin, of 20 of equal width if nothing is said, divided by its " +
            "width; 0 beyond their range", "left out of the histogram; missing where x is"),
        new("gaussianize(x)", "the standard normal quantile of the share of training rows below x", "left out of the quantiles; missing where x is"),
        new(
            "pca(x, y, component: 0)", "how far the row lies along the first principal axis of x, y, … over the training rows; centred, not scaled",
            "rows that miss an operand do not count; missing where one is"),
        new("min_max(x)", "(x − minimum) / range: 0 to 1 over the training rows", "left out of the statistics; missing where x is"),
    ];

    static FunctionEntry[] ByKey =>
    [
        new("mean_by(x, c, min_rows: 1)", "the mean of the rows with the same key" + Keys, KeyOfItsOwn),
        new("stddev_by(x, c, min_rows: 1)", "the standard deviation of the rows with the same key, 1 where it is 0" + Keys, KeyOfItsOwn),
        new("minimum_by(x, c, min_rows: 1)", "the least x of the rows with the same key" + Keys, KeyOfItsOwn),
        new("maximum_by(x, c, min_rows: 1)", "the greatest x of the rows with the same key" + Keys, KeyOfItsOwn),
        new("range_by(x, c, min_rows: 1)", "maximum − minimum of the rows with the same key, 1 where it is 0" + Keys, KeyOfItsOwn),
        new("count_by(w)", "how many training rows had this key; 0 where it was never seen", "0"),
        new("z_score_by(x, c, min_rows: 1)", "(x − mean) / standard deviation, both of the rows with the same key" + Keys, KeyAndX),
        new("min_max_by(x, c, min_rows: 1)", "(x − minimum) / range, both of the rows with the same key" + Keys, KeyAndX),
        new(
            "target_encode(c, y, smoothing: 1, min_rows: 1)",
            "the mean of the label y over the training rows with the same key, drawn towards the mean of all as by `smoothing` (10) rows more" + Keys + "." +
            " Learning sees training rows without the fifth of the rows that they belong to",
            "a missing label is left out; a missing key is given the mean of all rows"),
        new(
            "bucketize_by(x, c, buckets: 2, min_rows: 1)", "buckets of equal mass over the training rows with the same key" + Keys, OwnCategory),
    ];

    static FunctionEntry[] Categories =>
    [
        new("bucketize(x, 10)", "at most 10 buckets of equal mass over the training rows", OwnCategory),
        new("bucketize(x, 10, weight: y)", "at most 10 buckets of equal weight over the training rows", OwnCategory),
        new("bucketize(x, [0, 10])", "below 0, from 0, from 10", OwnCategory),
        new(
            "vocabulary(w, max_size: 100, min_count: 1, unknown_buckets: 1)",
            "the most frequent terms of the training rows (10,000 by default), those seen less often than `min_count` left out, then `unknown_buckets` " +
            "for all other terms, chosen by hash; of a text or number", OwnCategory),
        new(
            "vocabulary(w, max_size: 100, label: night)",
            "the terms that tell most about the label in the training rows, by adjusted mutual information", OwnCategory),
        new(
            "vocabulary(w, max_size: 100, weight: y)",
            "the terms whose training rows have most weight together; rows whose weight is missing or not above 0 are left out", OwnCategory),
        new("vocabulary(w, ['Capstan', 'b'])", "these terms, then one for all others", OwnCategory),
        new(
            "pick(vocabulary(w, ['Capstan', 'b']), [1, 2.5, 0, -1])",
            "the number at the category's place: one for each category, unknown and missing included", "the number at the last place"),
        new("hash(w, buckets: 100, seed: 0)", "MurmurHash3 (x86, 32 bits) of the UTF-8 bytes, modulo the buckets; of a text or number", OwnCategory),
        new(
            "cross(w, bucketize(x, [0, 10]), buckets: 500, seed: 0)",
            "all combinations of categories (or texts) as one: numbered through where they fit into the buckets, else hashed",
            "as in its operands: their categories for missing values combine like all others"),
    ];
}

namespace Capstan.Features;

/// <summary>Functions that are fitted by key, weight or label, and those of several numbers.</summary>
public static partial class FunctionEntries
{
    const string KeyOfAll = "of x left out; where the key is missing, that of all rows";

    static FunctionEntry[] Fitted =>
    [
        new(
            "mean_by(x, c, min_rows: 1)",
            "the mean over the rows with the same key, a text, number or truth; that of all rows for keys never seen or with fewer numbers " +
            "than `min_rows` (10 by default), as for all whose names end in `_by`", KeyOfAll),
        new("stddev_by(x, c, min_rows: 1)", "the standard deviation over the rows with the same key; 1 where it is 0", KeyOfAll),
        new("minimum_by(x, c, min_rows: 1)", "the least over the rows with the same key", KeyOfAll),
        new("maximum_by(x, c, min_rows: 1)", "the greatest over the rows with the same key", KeyOfAll),
        new("range_by(x, c, min_rows: 1)", "maximum − minimum over the rows with the same key; 1 where it is 0", KeyOfAll),
        new("count_by(w)", "how many rows had the key; 0 for keys never seen", "0"),
        new("z_score_by(x, c, min_rows: 1)", "(x − mean) / standard deviation, both over the rows with the same key", "left out; missing where x is"),
        new("min_max_by(x, c, min_rows: 1)", "0 to 1 over the rows with the same key", "left out; missing where x is"),
        new(
            "target_encode(c, y, smoothing: 1, min_rows: 1)",
            "the mean of the label y over the rows with the same key, drawn towards the mean of all as by `smoothing` rows more (10 by default); " +
            "learning sees training rows without the fifth of the rows that they belong to",
            "of the label left out; where the key is missing, the mean of all rows"),
        new("quantile(x, 0.5, weight: y)", "the quantile where a row of weight 2 counts as two rows", "left out, as are weights not above 0"),
        new("gaussianize(x)", "the standard normal quantile of the share of rows below x", "left out; missing where x is"),
        new(
            "pca(x, y, component: 0)",
            "how far the row lies along the principal axis with this index, of the covariance of 2 to 64 operands; centred, not scaled",
            "rows that miss an operand are left out, and have none"),
    ];

    static FunctionEntry[] FittedCategories =>
    [
        new("bucketize(x, 2, weight: y)", "at most 2 buckets of equal weight over the training rows", OwnCategory),
        new(
            "bucketize_by(x, c, buckets: 2, min_rows: 1)",
            "at most 2 buckets of equal mass over the training rows with the same key; those of all rows for keys that are missing, never seen " +
            "or of fewer numbers than `min_rows` (10 by default)", OwnCategory),
        new(
            "vocabulary(w, max_size: 1, label: condition)",
            "the terms that tell most about the label in the training rows, by adjusted mutual information; " +
            "`min_count` and `unknown_buckets` as above", OwnCategory),
    ];
}

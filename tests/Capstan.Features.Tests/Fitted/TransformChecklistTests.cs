using Capstan.Data;

namespace Capstan.Features.Tests.Fitted;

/// <summary>
/// Every analyzer and mapper of tf.Transform (7ccb5a9) that has a meaning for a row, as an expression, with what it gives; computed by hand from its
/// documentation. docs/guide/expressions.md has the same table.
/// </summary>
public sealed class TransformChecklistTests
{
    /// <summary>What tf.Transform calls it; the expression; its values for the five rows, missing ones as 0 (numbers) or in their own category.</summary>
    public static TheoryData<string, string, double[]> Checklist => new()
    {
        { "min", "minimum(x)", [1, 1, 1, 1, 1] },
        { "max", "maximum(x)", [4, 4, 4, 4, 4] },
        { "sum", "sum(x)", [10, 10, 10, 10, 10] },
        { "size", "sum(if(is_missing(x), 1, 1))", [5, 5, 5, 5, 5] },
        { "mean", "mean(x)", [2.5, 2.5, 2.5, 2.5, 2.5] },
        { "var", "variance(x)", [1.25, 1.25, 1.25, 1.25, 1.25] },
        { "covariance", "covariance(x, y)", [2.5, 2.5, 2.5, 2.5, 2.5] },
        { "pca", "pca(x, y, component: 0)", [-3.3541, -1.118, 1.118, 3.3541, 0] },
        { "quantiles", "quantile(x, 0.5)", [2, 2, 2, 2, 2] },
        { "histogram", "density(x, bins: 3)", [0.25, 0.25, 0.5, 0.5, 0] },
        { "count_per_key", "count_by(w)", [2, 1, 2, 1, 0] },
        { "vocabulary", "vocabulary(w)", [0, 2, 0, 1, 4] },
        { "vocabulary with labels", "vocabulary(w, max_size: 1, label: late)", [0, 1, 0, 1, 2] },
        { "vocabulary with weights", "vocabulary(w, max_size: 1, weight: y * y)", [1, 1, 1, 0, 2] },
        { "tukey_location, tukey_scale, tukey_h_params, scale_to_gaussian", "gaussianize(x)", [-1.1503, -0.3186, 0.3186, 1.1503, 0] },
        { "apply_buckets", "bucketize(x, [2, 4])", [0, 1, 1, 2, 3] },
        { "apply_buckets_with_interpolation, given boundaries", "interpolate(x, [2, 4], [0, 1])", [0, 0, 0.5, 1, 0] },
        { "apply_buckets_with_interpolation of quantiles", "uniformize(x)", [0.125, 0.375, 0.625, 0.875, 0] },
        { "apply_vocabulary", "vocabulary(w, ['b', 'a'])", [1, 0, 1, 2, 3] },
        { "bag_of_words", "bag_of_words(words(s), ['new'])", [2, 0, 1, 0, 0] },
        { "bucketize", "bucketize(x, 2)", [0, 1, 1, 1, 2] },
        { "bucketize_per_key", "bucketize_by(x, w, buckets: 2, min_rows: 1)", [1, 1, 1, 1, 2] },
        { "compute_and_apply_vocabulary with num_oov_buckets", "vocabulary(w, max_size: 1, unknown_buckets: 1)", [0, 1, 0, 1, 2] },
        { "deduplicate_tensor_per_row", "count(distinct(words(s)))", [2, 0, 1, 1, 0] },
        { "estimated_probability_density", "density(x, bins: 1)", [0.3333, 0.3333, 0.3333, 0.3333, 0] },
        { "hash_strings", "hash(w, buckets: 1)", [0, 0, 0, 0, 1] },
        { "ngrams", "includes(ngrams(words(s), 1, 2), 'old new')", [1, 0, 0, 0, 0] },
        { "scale_by_min_max, with output_min and output_max", "min_max(x) * 10 - 5", [-5, -1.6667, 1.6667, 5, 0] },
        { "scale_by_min_max_per_key", "min_max_by(x, w, min_rows: 1)", [0, 0, 1, 0, 0] },
        { "scale_to_0_1", "min_max(x)", [0, 0.3333, 0.6667, 1, 0] },
        { "scale_to_0_1_per_key", "min_max_by(x, w, min_rows: 2)", [0, 0.3333, 1, 1, 0] },
        { "scale_to_z_score", "z_score(x)", [-1.3416, -0.4472, 0.4472, 1.3416, 0] },
        { "scale_to_z_score_per_key", "z_score_by(x, w, min_rows: 1)", [-1, 0, 1, 0, 0] },
        // "new" stands in two of four lists: a third of 3 items, smoothed 1 + ln(5 / 3), and all of 1.
        { "tfidf", "tf_idf(words(s), max_size: 1)", [2 / 3.0 * 1.5108, 0, 1.5108, 0, 0] },
        { "word_count", "word_count(s)", [3, 0, 1, 1, 0] },
    };

    [Theory]
    [MemberData(nameof(Checklist))]
    public async Task Each_has_its_expression(string name, string expression, double[] expected)
    {
        var found = (await Rows.FitAndApply(expression, Table())).Select(Convert.ToDouble).ToArray();
        Assert.True(expected.Zip(found).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4), $"{name}: {expression} gives {string.Join(", ", found)}");
    }

    [Fact]
    public void The_guide_has_them_all()
    {
        var guide = File.ReadAllText(Path.Combine(TestFolder.Root(), "docs", "guide", "expressions.md"));
        Assert.All(
            Checklist.SelectMany(row => row.Data.Item1.Split([", ", " "], StringSplitOptions.None)).Where(word => word.Contains('_', StringComparison.Ordinal)),
            name => Assert.Contains($"`{name}`", guide, StringComparison.Ordinal));
    }

    static ColumnBatch Table() => Rows.Of(
        Rows.Numbers("x", 1, 2, 3, 4, null), Rows.Numbers("y", 2, 4, 6, 8, null), Rows.Texts("w", "a", "b", "a", "c", null),
        Rows.Truths("late", true, false, true, false, null), Rows.Texts("s", "old new new", "", "new", "other", null));
}

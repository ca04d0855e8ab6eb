using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class TransformGraphTests
{
    static async Task CheckNumbers(string expression, ColumnBatch rows, params object[] expected) =>
        Assert.Equal(expected.Select(value => (object)Convert.ToSingle(value, null)), await FitAndApply(expression, rows));

    static async Task CheckCategories(string expression, ColumnBatch rows, params int[] expected) =>
        Assert.Equal(expected.Cast<object>(), await FitAndApply(expression, rows));

    [Fact]
    public async Task Z_score_has_mean_0_and_the_biased_deviation_1_and_a_missing_value_is_the_mean() =>
        // Mean 5, biased variance ((9 + 1 + 1 + 9) / 4) = 5.
        await CheckNumbers("z_score(x)", Of(Numbers("x", 2, 4, null, 6, 8)), -3 / Math.Sqrt(5), -1 / Math.Sqrt(5), 0, 1 / Math.Sqrt(5), 3 / Math.Sqrt(5));

    [Fact]
    public Task Min_max_goes_from_0_to_1() => CheckNumbers("min_max(x)", Of(Numbers("x", 2, 4, null, 12)), 0, 0.2, 0, 1);

    [Fact]
    public async Task Beyond_the_training_rows_min_max_goes_on()
    {
        var transform = await Fit("min_max(x)", Of(Numbers("x", 0, 10)));
        Assert.Equal([-1f, 2f], Apply(transform, Of(Numbers("x", -10, 20))));
    }

    [Theory]
    [InlineData("z_score(x)")]
    [InlineData("min_max(x)")]
    public async Task A_constant_column_scales_to_0_and_not_to_nothing(string expression)
    {
        var transform = await Fit(expression, Of(Numbers("x", 7, 7, null, 7)));
        Assert.Equal([0f, 0f, 3f], Apply(transform, Of(Numbers("x", 7, null, 10))));
    }

    [Theory]
    [InlineData("z_score(x)", 5)]
    [InlineData("min_max(x)", 5)]
    [InlineData("impute(x, mean(x))", 5)]
    [InlineData("impute(x, median(x))", 5)]
    [InlineData("impute(x, quantile(x, 0.9))", 5)]
    public async Task Statistics_of_a_column_that_is_all_missing_are_0_with_spread_1(string expression, float expected)
    {
        var transform = await Fit(expression, Of(Numbers("x", null, null)));
        Assert.Equal([0f, expected], Apply(transform, Of(Numbers("x", null, 5))));
    }

    [Fact]
    public async Task Fitting_no_rows_is_fitting_a_column_that_is_all_missing()
    {
        var transform = await Fit("z_score(x)", Of(Numbers("x")));
        Assert.Equal([5f], Apply(transform, Of(Numbers("x", 5))));
        Assert.Empty(Apply(transform, Of(Numbers("x"))));
    }

    [Fact]
    public async Task One_row_is_enough() => await CheckNumbers("z_score(x)", Of(Numbers("x", 3)), 0);

    [Theory]
    [InlineData("quantile(x, 0)", 1)]
    [InlineData("quantile(x, 0.25)", 2)]
    [InlineData("median(x)", 3)]
    [InlineData("quantile(x, 0.75)", 4)]
    [InlineData("quantile(x, 1)", 5)]
    [InlineData("mean(x)", 3)]
    [InlineData("minimum(x)", 1)]
    [InlineData("maximum(x)", 5)]
    [InlineData("range(x)", 4)]
    public async Task A_statistic_is_the_same_number_in_every_row(string expression, float expected) =>
        Assert.Equal(Enumerable.Repeat((object)expected, 6), await FitAndApply($"{expression} + 0 * impute(x, 0)", Of(Numbers("x", 5, 3, 1, null, 4, 2))));

    [Fact]
    public async Task The_statistic_of_a_truth_counts_true_as_1() =>
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f], await FitAndApply("mean(flag) + 0 * flag", Of(Truths("flag", true, false, false, false))));

    [Fact]
    public Task Impute_fills_missing_values_only() =>
        CheckNumbers("impute(x, mean(x))", Of(Numbers("x", 1, null, 4, double.NaN, 1)), 1, 2, 4, 2, 1);

    [Fact]
    public Task Impute_takes_another_column_row_by_row() =>
        CheckNumbers("impute(x, y)", Of(Numbers("x", 1, null, null), Numbers("y", 9, 8, null)), 1, 8, 0);

    [Fact]
    public async Task Bucketize_makes_buckets_of_equal_mass()
    {
        var random = new Random(3);
        object?[] values = [.. Enumerable.Range(0, 1000).OrderBy(_ => random.Next()).Select(value => (object?)value)];
        var counts = (await FitAndApply("bucketize(x, 8)", Of(Numbers("x", values)))).GroupBy(bucket => bucket).ToDictionary(group => (int)group.Key, group => group.Count());
        Assert.Equal(Enumerable.Range(0, 8), counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 124, 126));
    }

    [Fact]
    public async Task Values_that_tie_make_fewer_buckets_and_equal_values_share_one()
    {
        var transform = await Fit("bucketize(x, 10)", Of(Numbers("x", 1, 1, 1, 1, 1, 1, 2, 2, 2, 3)));
        var boundaries = Assert.IsType<FixedBoundaries>(((BucketizeExpr)transform.Features[0].Expr).Boundaries).Values;
        Assert.Equal([1.0, 2.0], boundaries);
        Assert.Equal([1, 2, 2, 3], Apply(transform, Of(Numbers("x", 1, 2, 3, null))));
    }

    [Fact]
    public Task A_boundary_belongs_to_the_bucket_that_it_begins_and_missing_is_the_last() =>
        CheckCategories("bucketize(x, [0, 10])", Of(Numbers("x", -0.5, -0.0, 0, 9.999, 10, 1e300, null)), 0, 1, 1, 1, 2, 2, 3);

    [Fact]
    public Task Bucketizing_what_is_all_missing_makes_one_bucket_and_the_missing_one() =>
        CheckCategories("bucketize(x, 4)", Of(Numbers("x", null, null)), 1, 1);

    [Fact]
    public Task A_vocabulary_orders_terms_by_count_and_ties_backwards_by_bytes() =>
        CheckCategories("vocabulary(w)", Of(Texts("w", "b", "a", "b", "c", null, "b", "c", "d")), 0, 3, 0, 1, 5, 0, 1, 2);

    [Fact]
    public async Task A_vocabulary_drops_terms_seen_less_than_min_count_and_those_after_max_size()
    {
        var rows = Of(Texts("w", "a", "a", "a", "b", "b", "c", null));
        await CheckCategories("vocabulary(w, min_count: 2)", rows, 0, 0, 0, 1, 1, 2, 3);
        await CheckCategories("vocabulary(w, max_size: 1)", rows, 0, 0, 0, 1, 1, 1, 2);
        await CheckCategories("vocabulary(w, min_count: 9)", rows, 0, 0, 0, 0, 0, 0, 1);
    }

    [Fact]
    public async Task Unknown_terms_spread_over_their_buckets_and_missing_comes_after_them()
    {
        var transform = await Fit("vocabulary(w, max_size: 2, unknown_buckets: 5)", Of(Texts("w", "a", "a", "b")));
        Assert.Equal(2 + 5 + 1, transform.Output.Categories[0].Cardinality);
        var found = Apply(transform, Of(Texts("w", [null, .. Enumerable.Range(0, 200).Select(word => $"new{word}")])));
        Assert.Equal(7, found[0]);
        Assert.Equal([2, 3, 4, 5, 6], found.Skip(1).Cast<int>().Distinct().Order());
    }

    [Fact]
    public async Task A_vocabulary_of_numbers_goes_by_their_shortest_text()
    {
        await CheckCategories("vocabulary(n)", Of(Integers("n", 5, 5, 9007199254740993, null)), 0, 0, 1, 3);
        var transform = await Fit("vocabulary(x)", Of(Numbers("x", 0.5, 0.5, 2)));
        Assert.Equal(["0.5", "2"], ((FixedTerms)((VocabularyExpr)transform.Features[0].Expr).Terms).Values);
    }

    [Fact]
    public Task A_vocabulary_of_what_is_all_missing_knows_nothing() => CheckCategories("vocabulary(w)", Of(Texts("w", null, null)), 1, 1);

    [Fact]
    public async Task Terms_given_twice_are_refused() =>
        Assert.Contains("'a' twice", (await Assert.ThrowsAnyAsync<ArgumentException>(() => Fit("vocabulary(w, ['a', 'b', 'a'])", Of(Texts("w", "a"))))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("z_score(x)", 1)]
    [InlineData("z_score(log1p(x)) + median(x * 2)", 1)]
    [InlineData("cross(bucketize(x, 4), vocabulary(w), 100)", 1)]
    [InlineData("x + 1", 0)]
    [InlineData("z_score(clip(x, quantile(x, 0.1), quantile(x, 0.9)))", 2)]
    [InlineData("mean(x - mean(x - mean(x)))", 3)]
    public async Task Each_level_of_statistics_over_statistics_takes_one_pass(string expression, int passes)
    {
        var source = new CountingSource(Of(Numbers("x", 1, 2, 3, 4), Numbers("unread", 1, 1, 1, 1), Texts("w", "a", "b", "a", "a")));
        await Fit(expression, source, null);
        Assert.Equal(passes, source.Passes);
        Assert.DoesNotContain("unread", source.Read);
    }

    [Theory]
    [InlineData("z_score(x) + median(x)", 0)]
    [InlineData("cross(bucketize(x, 4), vocabulary(w), 100)", 0)]
    [InlineData("z_score(clip(x, quantile(x, 0.1), quantile(x, 0.9)))", 1)]
    public async Task Known_statistics_save_the_pass_and_give_the_same_features(string expression, int passes)
    {
        var rows = Of(Numbers("x", 1, 2, null, 4), Texts("w", "a", "b", "a", null));
        var statistics = new TableStatistics(rows.Schema);
        statistics.Observe(rows);
        var source = new CountingSource(rows);
        var known = await Fit(expression, source, statistics);
        Assert.Equal(passes, source.Passes);
        // Not to the last bit: the sums are the same, in another order.
        Assert.Equal(
            (await FitAndApply(expression, rows)).Select(value => Convert.ToDouble(value, null)), Apply(known, rows).Select(value => Convert.ToDouble(value, null)),
            (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [Fact]
    public async Task Statistics_of_statistics_are_taken_of_the_fitted_inner_ones() =>
        // Clipped to [2, 3]: 2, 2, 3, 3; mean 2.5, deviation 0.5.
        Assert.Equal([-1f, -1f, 1f, 1f], await FitAndApply("z_score(clip(x, quantile(x, 0.5), quantile(x, 0.75)))", Of(Numbers("x", 1, 2, 3, 4))));

    [Fact]
    public async Task Progress_is_told_the_rows_of_every_batch()
    {
        var rows = Of(Numbers("x", 1, 2, 3));
        var passed = new List<int>();
        await new TransformGraph(rows.Schema) { ["f"] = ExprParser.Parse("z_score(x)") }
            .FitAsync(new MemorySource(rows.Schema, [rows, rows]), null, null, passed.Add, TestContext.Current.CancellationToken);
        Assert.Equal([3, 3], passed);
    }

    [Fact]
    public async Task A_cancelled_fit_stops()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var rows = Of(Numbers("x", 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new TransformGraph(rows.Schema) { ["f"] = ExprParser.Parse("z_score(x)") }.FitAsync(new MemorySource(rows.Schema, [rows]), null, null, null, cancelled.Token));
    }
}

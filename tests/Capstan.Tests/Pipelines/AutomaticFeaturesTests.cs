using Capstan.Data;

namespace Capstan.Tests;

public sealed class AutomaticFeaturesTests
{
    static async Task<Dictionary<string, string>> From<T>(IEnumerable<T> rows)
    {
        var source = await Dataset.From(rows).OpenAsync(TestContext.Current.CancellationToken);
        var statistics = new TableStatistics(source.Schema);
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            statistics.Observe(batch);
        }

        return AutomaticFeatures.From(source.Schema.Fields, statistics, EstimatorFamily.Linear).ToDictionary(feature => feature.Name, feature => feature.Expr.ToString());
    }

    static IEnumerable<T> Rows<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);

    [Fact]
    public async Task A_number_is_scaled_and_put_into_quantile_buckets()
    {
        var features = await From(Rows(100, row => new { X = row * 0.5 }));
        Assert.Equal(["X_scaled", "X_bucket"], features.Keys);
        Assert.Equal("(X - mean(X)) / stddev(X)", features["X_scaled"]);
    }

    [Fact]
    public void A_list_is_its_terms_and_their_count_unless_no_term_comes_twice()
    {
        Assert.Equal(
            [("tags", "multi_hot(tags, max_size: 100)"), ("tags_count", "count(tags)")], FromLists(row => [$"a{row % 5}", "b"]));
        Assert.Empty(FromLists(_ => []));
    }

    static IEnumerable<(string, string)> FromLists(Func<int, string[]> make)
    {
        var builder = new BatchBuilder(new Schema([new Field("tags", DataType.TextList)]));
        for (var row = 0; row < 100; row++)
        {
            foreach (var item in make(row))
            {
                builder.Columns[0].Items.Append(item);
            }

            builder.Columns[0].AppendList();
        }

        var statistics = new TableStatistics(builder.Batch.Schema);
        statistics.Observe(builder.Batch);
        return AutomaticFeatures.From(builder.Batch.Schema.Fields, statistics, EstimatorFamily.Linear).Select(feature => (feature.Name, feature.Expr.ToString()));
    }

    [Fact]
    public async Task A_number_with_far_off_values_is_clipped_before_it_is_scaled() =>
        Assert.Contains("min(max(X, ", (await From(Rows(10_000, row => new { X = row == 5 ? 1e9 : row * 0.5 })))["X_scaled"], StringComparison.Ordinal);

    [Fact]
    public async Task A_whole_number_of_few_values_is_a_category_too() =>
        Assert.Equal("bucketize(X, [4, 5])", (await From(Rows(9, row => new { X = 3 + row % 3 })))["X_value"]);

    [Fact]
    public async Task Whole_numbers_too_large_for_doubles_one_apart_are_no_categories()
    {
        var features = await From(Rows(300, row => new { X = 1_700_000_000_000_000_000 + row }));
        Assert.Contains("X_scaled", features.Keys);
        Assert.DoesNotContain("X_value", features.Keys);
        foreach (var text in features.Values)
        {
            Features.ExprTyping.KindOf(Features.ExprParser.Parse(text), new Schema([new("X", DataType.Int64)]));
        }
    }

    [Fact]
    public async Task A_boolean_is_itself_with_what_is_missing_beside_it()
    {
        Assert.Equal(["B"], (await From(Rows(10, row => new { B = row % 2 == 0 }))).Keys);
        Assert.Equal(["B", "B_missing"], (await From(Rows(10, row => new { B = row == 3 ? (bool?)null : row % 2 == 0 }))).Keys);
        Assert.Equal(["B_missing"], (await From(Rows(10, row => new { B = row == 3 ? (bool?)null : true }))).Keys);
    }

    [Fact]
    public async Task Text_is_a_vocabulary_whose_rare_terms_are_unknown_where_there_are_many()
    {
        Assert.Equal("vocabulary(W, max_size: 20000)", (await From(Rows(100, row => new { W = $"w{row % 7}" })))["W"]);
        Assert.Equal("vocabulary(W, max_size: 20000, min_count: 3)", (await From(Rows(900, row => new { W = $"w{row % 70}" })))["W"]);
    }

    [Fact]
    public async Task Text_of_very_many_values_is_hashed() =>
        Assert.StartsWith("hash(W, buckets: 32768", (await From(Rows(60_000, row => new { W = $"w{row % 30_000}" })))["W"], StringComparison.Ordinal);

    [Fact]
    public async Task A_time_is_taken_apart_as_far_as_its_span_makes_sense()
    {
        var start = new DateTime(2001, 2, 3);
        Assert.Equal(["T_hour", "T_minutes", "T_weekday", "T_hour_of_week", "T_month"], (await From(Rows(100, row => new { T = start.AddDays(row * 7) }))).Keys);
        Assert.Equal(["T_hour", "T_minutes"], (await From(Rows(20, row => new { T = start.AddHours(row) }))).Keys);
        Assert.Empty(await From(Rows(20, row => new { T = start.AddMinutes(row) })));
    }

    [Fact]
    public async Task Constants_empty_columns_and_names_of_rows_make_no_features()
    {
        Assert.Empty(await From(Rows(2000, row => new { Constant = 7.5, Whole = 7, Word = "same", Truth = true, At = new DateTime(2001, 1, 1), None = (double?)null, Key = $"id-{row}" })));
        Assert.Equal(["X_missing"], (await From(Rows(10, row => new { X = row == 1 ? (double?)null : 4 }))).Keys);
    }

    [Fact]
    public async Task A_column_named_like_a_feature_of_another_loses_nothing() =>
        Assert.Equal(["X_scaled", "X_bucket", "X_scaled_2"], (await From(Rows(100, row => new { X = row * 0.5, X_scaled = $"w{row % 3}" }))).Keys);
}

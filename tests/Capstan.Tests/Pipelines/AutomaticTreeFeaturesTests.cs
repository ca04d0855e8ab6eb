using Capstan.Data;

namespace Capstan.Tests;

public sealed class AutomaticTreeFeaturesTests
{
    static async Task<Dictionary<string, string>> From<T>(IEnumerable<T> rows)
    {
        var source = await Dataset.From(rows).OpenAsync(TestContext.Current.CancellationToken);
        var statistics = new TableStatistics(source.Schema);
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            statistics.Observe(batch);
        }

        return AutomaticFeatures.From(source.Schema.Fields, statistics, EstimatorFamily.BoostedTrees)
            .ToDictionary(feature => feature.Name, feature => feature.Expr.ToString());
    }

    static IEnumerable<T> Rows<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);

    [Fact]
    public async Task A_number_is_itself()
    {
        var features = await From(Rows(100, row => new { X = row * 0.5, Whole = row % 3 }));
        Assert.Equal(["X", "Whole"], features.Keys);
        Assert.Equal("impute(X, quantile(X, 0.5))", features["X"]);
    }

    [Fact]
    public async Task A_missing_number_is_below_all_others() =>
        Assert.Equal("impute(X, minimum(X) - (maximum(X) - minimum(X)) - 1)", (await From(Rows(100, row => new { X = row == 3 ? (double?)null : row })))["X"]);

    [Fact]
    public async Task A_text_is_a_vocabulary_without_rare_terms()
    {
        Assert.Equal("vocabulary(W, max_size: 1000, min_count: 10)", (await From(Rows(100, row => new { W = $"w{row % 7}" })))["W"]);
        Assert.Equal("vocabulary(W, max_size: 1000, min_count: 10)", (await From(Rows(60_000, row => new { W = $"w{row % 30_000}" })))["W"]);
    }

    [Fact]
    public async Task A_time_is_numbers_that_rise_within_their_cycle()
    {
        var start = new DateTime(2001, 2, 3);
        Assert.Equal(
            ["T_minutes", "T_weekday", "T_hour_of_week", "T_month", "T_year"],
            (await From(Rows(100, row => new { T = start.AddDays(row * 7) }))).Keys);
        Assert.Equal(["T_minutes"], (await From(Rows(20, row => new { T = start.AddHours(row) }))).Keys);
    }

    [Fact]
    public async Task Constants_and_names_of_rows_make_no_features() => Assert.Equal(
        ["Gap_missing"],
        (await From(Rows(2000, row => new { Constant = 7.5, Word = "same", Key = $"id-{row}", Gap = row == 1 ? (double?)null : 4 }))).Keys);
}

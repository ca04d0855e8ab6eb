using Capstan.Data;
using Capstan.Features;

namespace Capstan.Tests.Pushdown;

/// <summary>What a database finds for features is what a pass here finds: equal where it is picked or counted, within rounding where it is summed.</summary>
public sealed class DatabaseFitTests
{
    // Sums of the same numbers in another order.
    const double Rounding = 1e-12;

    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    static readonly string[] Sums = ["mean", "stddev", "z_score", "covariance"];

    static readonly string[] Products = ["pca(", "covariance("];

    static readonly string[] Words = ["a", "B", "b", "é", "𝄞", "ﬀ", "", "x\\y", "it's", "zz"];

    public sealed record Row(double? X, long? N, string? Word, bool? Flag, DateTime? At, double? W);

    static Row[] Rows(int count, int seed = 5)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => new Row(
            random.Next(9) == 0 ? null : row % 97 == 3 ? double.NaN : row % 101 == 7 ? double.PositiveInfinity : Math.Round(random.NextDouble() * 40 - 7, random.Next(1, 9)),
            random.Next(11) == 0 ? null : random.Next(5) == 0 ? long.MaxValue - random.Next(3) : random.Next(-20, 20),
            random.Next(7) == 0 ? null : Words[random.Next(Words.Length)],
            random.Next(6) == 0 ? null : random.Next(3) == 0,
            random.Next(8) == 0 ? null : new DateTime(1950 + random.Next(100), 1, 1).AddMinutes(random.Next(500_000)),
            random.Next(8) == 0 ? null : Math.Round(random.NextDouble() * 4 - 0.5, 2)))];
    }

    /// <summary>Each is one analysis; those after the empty line are over others, in stages.</summary>
    static readonly string[] Features =
    [
        "mean(X * 2)", "stddev(X)", "minimum(X)", "maximum(N)", "range(X)", "range(X * 1e308)", "quantile(X, 0.3)", "median(N)", "quantile(X, 0)", "quantile(X, 1)",
        "bucketize(X, 8)", "bucketize(N, 3)", "bucketize(X * 1e-300, 5)", "vocabulary(Word, max_size: 5)", "vocabulary(N, max_size: 100, min_count: 3)",
        "vocabulary(round(X * 2) / 4, max_size: 50)", "vocabulary(Flag)", "vocabulary(Word, min_count: 100000)",
        "mean_by(X, Word)", "stddev_by(X, Word)", "minimum_by(X, N)", "maximum_by(X, Word, min_rows: 40)", "range_by(N, Flag, min_rows: 1)", "count_by(Word)", "count_by(N)",
        "bucketize_by(X, Word, 4)", "quantile(X, share: 0.5, weight: W)", "quantile(X, share: 1, weight: W)", "quantile(X, share: 0, weight: W)",
        "bucketize(X, buckets: 6, weight: W)", "bucketize(X, buckets: 200, weight: W)", "gaussianize(X)", "gaussianize(round(X / 20))", "uniformize(X)", "covariance(X, W)", "pca(X, W, component: 0)", "pca(X, N % 7, W, component: 2)",
        "vocabulary(Word, max_size: 4, label: X > 10)", "vocabulary(N, max_size: 9, min_count: 2, label: Flag)",

        "z_score(clip(X, quantile(X, 0.02), quantile(X, 0.98)))", "mean(abs(X - mean(X)) / stddev(X))", "bucketize(X - mean_by(X, Word), 4)",
        "vocabulary(if(count_by(Word) < 50, 'rare', Word))", "stddev(gaussianize(X))",
    ];

    /// <summary>Where no list has a term, both refuse.</summary>
    static readonly string[] Vectors =
        ["bag_of_words(split(concat(Word, 'a,b,', Word), ','), max_size: 6)", "tf_idf(characters(Word), max_size: 9)", "multi_hot(words(Word), min_count: 5)"];

    [Theory]
    [MemberData(nameof(DatabasePlace.All), MemberType = typeof(DatabasePlace))]
    public async Task A_database_finds_the_constants_that_a_pass_finds(string database)
    {
        using var place = DatabasePlace.Of(database);
        var source = await (await place.PutAsync(Rows(1400))).OpenAsync(Ct);
        await CompareAsync(source, [.. Features, .. Vectors], place.Name);
    }

    [Theory]
    [MemberData(nameof(DatabasePlace.All), MemberType = typeof(DatabasePlace))]
    public async Task Of_a_single_row_and_of_none_that_has_values_as_well(string database)
    {
        using var place = DatabasePlace.Of(database);
        await CompareAsync(await (await place.PutAsync([new Row(2.5, 3, "a", true, null, 1)])).OpenAsync(Ct), Features, place.Name);
        await CompareAsync(await (await place.PutAsync([.. Enumerable.Repeat(new Row(null, null, null, null, null, null), 3)])).OpenAsync(Ct), Features, place.Name);
    }

    public static TheoryData<string, string> Subsets()
    {
        var data = new TheoryData<string, string>();
        foreach (var database in new[] { "DuckDB", "PostgreSQL" })
        {
            foreach (var subset in new[] { "filter", "word", "n", "flag", "at", "time from", "time before", "filter and word" })
            {
                data.Add(database, subset);
            }
        }

        data.Add("DuckDB", "place");
        data.Add("DuckDB", "filter and place");
        return data;
    }

    [Theory]
    [MemberData(nameof(Subsets))]
    public async Task The_rows_that_count_are_those_that_a_filter_and_a_split_leave(string database, string subset)
    {
        using var place = DatabasePlace.Of(database);
        var source = await (await place.PutAsync(Rows(1500, seed: 8))).OpenAsync(Ct);
        var left = SubsetOf(source, subset);
        Assert.InRange(await new DatabaseRows(left).CountAsync(Ct), 50, 1450);
        await CompareAsync(left, ["count_by(Word)", "vocabulary(N)", "minimum(X)", "bucketize(X, 40)"], place.Name);
    }

    static IBatchSource SubsetOf(IBatchSource source, string subset)
    {
        var filtered = new FilteredSource(source, ExprParser.Parse("X > 1 or Word == 'a' or is_missing(Flag)"));
        return subset switch
        {
            "filter" => filtered,
            "place" => RowSubset.ByHash(source, null, 3, 100, 700),
            "filter and place" => RowSubset.ByHash(filtered, null, 3, 100, 700),
            "filter and word" => RowSubset.ByHash(filtered, "Word", 3, 100, 800),
            "word" => RowSubset.ByHash(source, "Word", 7, 0, 600),
            "n" => RowSubset.ByHash(source, "N", 7, 200, 900),
            "flag" => RowSubset.ByHash(source, "Flag", 7, 0, 700),
            "at" => RowSubset.ByHash(source, "At", 7, 300, 1000),
            "time from" => RowSubset.ByTime(source, "At", Timestamps.FromDateTime(new DateTime(2000, 1, 1)), null),
            _ => RowSubset.ByTime(source, "At", null, Timestamps.FromDateTime(new DateTime(1999, 1, 1))),
        };
    }

    [Fact]
    public async Task What_no_query_finds_is_refused_by_name_before_any_runs()
    {
        using var place = DatabasePlace.Of("DuckDB");
        var source = await (await place.PutAsync(Rows(50))).OpenAsync(Ct);
        Assert.Contains("own label", await RefusedAsync(source, "target_encode(Word, X)"));
        Assert.Contains("regex_matches", await RefusedAsync(source, "mean(if(regex_matches(Word, 'a+'), 1, 0))"));
        Assert.Contains("Parquet", Assert.Throws<PushdownException>(() => new DatabaseRows(new MemorySource(source.Schema, []))).Message);
        var byNumber = RowSubset.ByHash(source, "X", 1, 0, 500);
        Assert.Contains("validation.key", (await Assert.ThrowsAsync<PushdownException>(() => new DatabaseRows(byNumber).CountAsync(Ct))).Message);
    }

    static async Task<string> RefusedAsync(IBatchSource source, string feature) => (await Assert.ThrowsAsync<SqlNotSupportedException>(
        () => new DatabaseRows(source).FitAsync(GraphOf(source, [feature]), 1, Ct))).Message;

    [Fact]
    public async Task A_table_keeps_no_places_by_which_to_hold_rows_out()
    {
        using var place = DatabasePlace.Of("PostgreSQL");
        var source = await (await place.PutAsync(Rows(50))).OpenAsync(Ct);
        var refusal = await Assert.ThrowsAsync<PushdownException>(() => new DatabaseRows(RowSubset.ByHash(source, null, 1, 0, 500)).CountAsync(Ct));
        Assert.Contains("validation.key", refusal.Message);
    }

    static TransformGraph GraphOf(IBatchSource source, IEnumerable<string> features)
    {
        var graph = new TransformGraph(source.Schema);
        foreach (var text in features)
        {
            graph[text] = ExprParser.Parse(text);
        }

        return graph;
    }

    static async Task CompareAsync(IBatchSource source, string[] features, string database)
    {
        var graph = GraphOf(source, features);
        var expected = await graph.FitAsync(source, null, null, null, Ct);
        var found = await new DatabaseRows(source).FitAsync(graph, 2, Ct);
        Assert.InRange(found.Analyses, features.Length, 2 * features.Length);
        foreach (var (here, there) in expected.Features.Zip(found.Transform.Features))
        {
            var (mine, theirs) = (ConstantList.Of(here.Expr).ToArray(), ConstantList.Of(there.Expr).ToArray());
            Assert.True(mine.Length == theirs.Length, $"{here.Name} in {database}:\n{here.Expr}\n{there.Expr}");
            var scale = mine.OfType<double>().Select(Math.Abs).DefaultIfEmpty().Max();
            Assert.All(mine.Zip(theirs), pair => Assert.True(
                pair.First is double number ? Math.Abs(number - (double)pair.Second) <= ToleranceOf(here.Name) * scale : pair.First.Equals(pair.Second),
                $"{here.Name} in {database}: {pair.First} here, {pair.Second} there"));
        }
    }

    static double ToleranceOf(string feature) =>
        // Covariances near 0 have the rounding of the products that cancel; axes multiply it.
        Products.Any(product => feature.Contains(product, StringComparison.Ordinal)) ? 1e-9
        : Sums.Any(sum => feature.Contains(sum, StringComparison.Ordinal)) ? Rounding : 0;
}

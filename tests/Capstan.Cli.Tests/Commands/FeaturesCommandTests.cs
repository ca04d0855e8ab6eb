using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class FeaturesCommandTests
{
    const string Pipeline = """
        { "label": "fare_amount", "features": { "distance": "z_score(trip_distance)", "paid": "vocabulary(payment_type, max_size: 3)" }, "estimator": { "kind": "LinearRegressor" } }
        """;

    [Fact]
    public async Task A_models_features_are_one_query_and_a_pipelines_analyses_are_several()
    {
        using var place = await WithTripsAsync(600);
        var pipeline = place.Write("pipeline.json", Pipeline);
        await DoAsync("train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("trips"));
        var query = (await DoAsync("features", "sql", place.At("trips"), "--table", "public.trips")).Output;
        Assert.StartsWith("SELECT", query);
        Assert.EndsWith(";\n", query);
        Assert.Contains("AS \"distance\"", query);
        Assert.Contains("AS \"paid\"", query);
        Assert.Contains("FROM \"public\".\"trips\"", query);
        var analyses = (await AskAsync("features", "sql", pipeline, "--data", place.At("trips.csv"), "--table", "trips", "--dialect", "postgresql", "--analysis"))
            .GetProperty("queries").EnumerateArray().Select(each => each.GetString()!).ToArray();
        Assert.Equal(2, analyses.Length);
        Assert.Contains("STDDEV_POP", analyses[0]);
        Assert.Contains("FETCH FIRST 3 ROWS ONLY", analyses[1]);
    }

    [Fact]
    public async Task Functions_are_listed_and_explained()
    {
        var all = (await DoAsync("features", "functions")).Output;
        Assert.Contains("log1p(x)", all);
        Assert.Contains("Categories", all);
        var one = (await DoAsync("features", "functions", "log1p")).Output;
        Assert.Contains("A number: log(1 + x), exact for small x; missing for x ≤ −1.", one);
        Assert.Contains("Runs in the engine, DuckDB", one);
        Assert.Contains("1.252762968495368", one);
        var bucketize = (await AskAsync("features", "functions", "bucketize")).GetProperty("functions").EnumerateArray().ToArray();
        Assert.Contains("bucketize(x, [0, 10])", bucketize.Select(each => each.GetProperty("usage").GetString()));
        Assert.Equal("category", bucketize[0].GetProperty("gives").GetString());
        Assert.Contains("There is no function 'lgo'; there are", await RefuseAsync(ExitCodes.Usage, "features", "functions", "lgo"));
    }

    [Fact]
    public async Task What_can_not_be_written_is_refused_with_what_to_do()
    {
        using var place = await WithTripsAsync(50);
        var pipeline = place.Write("pipeline.json", Pipeline);
        var data = place.At("trips.csv");
        Assert.Contains("expected 'sql'", await RefuseAsync(ExitCodes.Usage, "features", "onyx", pipeline, "--table", "t"));
        Assert.Contains("--table NAME", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline));
        Assert.Contains("Whose features?", await RefuseAsync(ExitCodes.Usage, "features", "sql", "--table", "t"));
        Assert.Contains("expected duckdb, postgresql, ansi", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "t", "--dialect", "mysql"));
        Assert.Contains("'a..b'", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "a..b"));
        Assert.Contains("--data FILES", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "t"));
        Assert.Contains("has not been fitted", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--data", data, "--table", "t"));
        Assert.Contains(
            "order of texts", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--data", data, "--table", "t", "--dialect", "ansi", "--analysis"));
    }
}

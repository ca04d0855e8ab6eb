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
    public async Task What_can_not_be_written_is_refused_with_what_to_do()
    {
        using var place = await WithTripsAsync(50);
        var pipeline = place.Write("pipeline.json", Pipeline);
        var data = place.At("trips.csv");
        Assert.Contains("expected 'sql'", await RefuseAsync(ExitCodes.Usage, "features", "onyx", pipeline, "--table", "t"));
        Assert.Contains("expected duckdb, postgresql, ansi", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "t", "--dialect", "mysql"));
        Assert.Contains("'a..b'", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "a..b"));
        Assert.Contains("--data FILES", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--table", "t"));
        Assert.Contains("has not been fitted", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--data", data, "--table", "t"));
        Assert.Contains(
            "order of texts", await RefuseAsync(ExitCodes.Usage, "features", "sql", pipeline, "--data", data, "--table", "t", "--dialect", "ansi", "--analysis"));
    }
}

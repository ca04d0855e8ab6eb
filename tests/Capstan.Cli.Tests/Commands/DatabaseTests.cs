using Capstan.Data;
using Capstan.Data.DuckDb;
using Capstan.Data.PostgreSql;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>The commands on tables of a PostgreSQL database say what they say on files.</summary>
public sealed class DatabaseTests
{
    const string Pipeline = """
        {
          "label": "fare_amount", "types": { "payment_type": "text" }, "validation": { "share": 0.2, "key": "pickup_datetime" },
          "features": { "distance": "z_score(trip_distance)", "paid": "vocabulary(payment_type, max_size: 3)", "hour": "bucketize(hour(pickup_datetime), 6)" },
          "estimator": { "kind": "LinearRegressor" }
        }
        """;

    [Fact]
    public async Task A_model_is_described_trained_evaluated_and_applied_from_tables()
    {
        using var place = await WithTripsAsync(1500);
        var (trips, data) = (At($"trips_{Guid.NewGuid():N}"), place.At("trips.csv"));
        await CopyAsync(data, trips);

        var (fromTable, fromFile) = ((await AskAsync("describe", trips)).GetProperty("columns"), (await AskAsync("describe", data)).GetProperty("columns"));
        Assert.Equal(fromFile.GetRawText(), fromTable.GetRawText());
        var pipeline = place.Write("pipeline.json", Pipeline);
        await DoAsync("train", pipeline, "--data", trips, "--out", place.At("model"));
        await DoAsync("train", pipeline, "--data", data, "--out", place.At("other"));
        Assert.DoesNotContain("s3cret", (await DoAsync("show", place.At("model"), "--json")).Output);
        Assert.Equal(
            (await AskAsync("evaluate", place.At("other"), data)).GetProperty("metrics").GetRawText(),
            (await AskAsync("evaluate", place.At("model"), trips)).GetProperty("metrics").GetRawText());

        var predicted = At($"predicted_{Guid.NewGuid():N}");
        var told = (await DoAsync("predict", place.At("model"), trips, "--keep", "pickup_datetime", "--out", predicted)).Output;
        Assert.Contains("1,500 predictions", told);
        Assert.DoesNotContain("s3cret", told);
        await DoAsync("predict", place.At("other"), data, "--keep", "pickup_datetime", "--out", place.At("predicted.parquet"));
        Assert.Equal(
            (await AskAsync("describe", place.At("predicted.parquet"))).GetProperty("columns").GetRawText(),
            (await AskAsync("describe", predicted)).GetProperty("columns").GetRawText());
        var refusal = await RefuseAsync(ExitCodes.Failure, "predict", place.At("model"), trips, "--out", predicted);
        Assert.Contains("already exists", refusal);
        Assert.DoesNotContain("s3cret", refusal);
    }

    [Fact]
    public async Task A_database_that_is_asked_tells_what_ran_where()
    {
        using var place = await WithTripsAsync(800);
        var trips = At($"trips_{Guid.NewGuid():N}");
        await CopyAsync(place.At("trips.csv"), trips);
        var pipeline = place.Write("pipeline.json", Pipeline);
        var told = await DoAsync("train", pipeline, "--data", trips, "--pushdown", "--out", place.At("model"));
        Assert.Contains("Analysis: 4 of 4 in PostgreSQL (2 queries), 0 rows read; transform: here.", told.Error);
        Assert.Contains("analysis  in PostgreSQL", (await DoAsync("show", place.At("model"))).Output);
        Assert.Contains(
            "transform: in PostgreSQL.", (await DoAsync("transform", pipeline, trips, "--pushdown", "--out", place.At("there.parquet"))).Error);
        await DoAsync("transform", place.At("model"), trips, "--pushdown", "--out", place.At("by_model.parquet"));
        await DoAsync("transform", place.At("model"), trips, "--out", place.At("here.parquet"));
        var here = (await TableText.OfAsync(place.At("here.parquet"))).Order().ToArray();
        Assert.Equal(here, (await TableText.OfAsync(place.At("there.parquet"))).Order());
        Assert.Equal(here, (await TableText.OfAsync(place.At("by_model.parquet"))).Order());
        Assert.Contains("Leave one out", await RefuseAsync(
            ExitCodes.Usage, "train", pipeline, "--data", trips, "--pushdown", "--analyses", place.At("kept"), "--out", place.At("m")));
        Assert.Contains("Save it as Parquet", await RefuseAsync(
            ExitCodes.Usage, "train", pipeline, "--data", place.At("trips.csv"), "--pushdown", "--out", place.At("m")));
        Assert.Contains("own label", await RefuseAsync(
            ExitCodes.Usage, "train", place.Write("p.json", Pipeline.Replace("vocabulary(", "target_encode(").Replace("max_size: 3", "fare_amount")),
            "--data", trips, "--pushdown", "--out", place.At("m")));
    }

    [Fact]
    public async Task What_is_wrong_about_an_address_is_told()
    {
        Assert.Contains("what to read", await RefuseAsync(ExitCodes.BadData, "describe", PostgreSqlServer.Shared.Url));
        Assert.Contains("stands alone", await RefuseAsync(ExitCodes.BadData, "describe", At("t"), "trips.csv"));
        Assert.Contains("does not exist", await RefuseAsync(ExitCodes.BadData, "describe", At("nowhere")));
    }

    static string At(string table) => $"{PostgreSqlServer.Shared.Url}&table={table}";

    static async Task CopyAsync(string file, string address)
    {
        var source = await DataFiles.OpenAsync([file], new ReadOptions(), default);
        await using var sink = new PostgreSqlSink(PostgreSqlAddress.Parse(address), source.Schema);
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], default))
        {
            await sink.WriteAsync(batch, default);
        }

        await sink.CompleteAsync(default);
    }
}

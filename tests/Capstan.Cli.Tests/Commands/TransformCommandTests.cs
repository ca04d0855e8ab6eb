using System.Globalization;
using Capstan.Features;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class TransformCommandTests
{
    const string Pipeline = """
        { "label": "fare_amount", "filter": "trip_distance > 0.5",
          "features": { "distance": "z_score(trip_distance)", "paid": "vocabulary(payment_type, max_size: 3)", "third": "passenger_count / 3" },
          "estimator": { "kind": "LinearRegressor" } }
        """;

    [Theory]
    [InlineData("features.parquet")]
    [InlineData("features.arrow")]
    [InlineData("features.csv")]
    [InlineData("features.jsonl")]
    public async Task A_models_features_read_back_are_the_engines_to_the_bit(string name)
    {
        using var place = await WithTripsAsync(400);
        var pipeline = place.Write("pipeline.json", Pipeline);
        await DoAsync("train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("trips"));
        var told = await AskAsync(
            "transform", place.At("trips"), place.At("trips.csv"), "--keep", "vendor_id", "--out", place.At(name));
        Assert.Equal(400, told.GetProperty("rows").GetInt64());

        var read = await TableText.OfAsync(place.At(name));
        Assert.Equal("vendor_id|distance|third|paid", read[0]);
        Assert.Equal(await EngineAsync(place.At("trips"), place.At("trips.csv")), read.Skip(1).Select(line => line[(line.IndexOf('|') + 1)..]));
    }

    [Fact]
    public async Task A_pipeline_is_fitted_as_training_would_and_keeps_its_analyses()
    {
        using var place = await WithTripsAsync(400);
        var pipeline = place.Write("pipeline.json", Pipeline);
        var (data, kept) = (place.At("trips.csv"), place.At("kept"));
        await DoAsync("train", pipeline, "--data", data, "--out", place.At("trips"));
        var told = await AskAsync("transform", pipeline, data, "--analyses", kept, "--out", place.At("fitted.parquet"));
        await DoAsync("transform", place.At("trips"), data, "--where", "trip_distance > 0.5", "--out", place.At("frozen.parquet"));
        var fitted = await TableText.OfAsync(place.At("fitted.parquet"));
        Assert.Equal(await TableText.OfAsync(place.At("frozen.parquet")), fitted);
        Assert.Equal(fitted.Count - 1, told.GetProperty("rows").GetInt32());
        Assert.InRange(fitted.Count, 2, 400);
        Assert.NotEmpty(Directory.EnumerateFiles(kept));
    }

    [Fact]
    public async Task Features_that_know_a_rows_own_label_are_warned_of()
    {
        using var place = await WithTripsAsync(300);
        var encoding = Pipeline.Replace("\"third\"", "\"mean\": \"target_encode(vendor_id, fare_amount)\", \"third\"");
        string[] line = ["transform", place.Write("pipeline.json", encoding), place.At("trips.csv"), "--out", place.At("f.parquet")];
        Assert.Contains("own label", (await DoAsync(line)).Error);
        await DoAsync("train", place.Write("other.json", encoding), "--data", place.At("trips.csv"), "--out", place.At("trips"));
        Assert.DoesNotContain(
            "own label", (await DoAsync("transform", place.At("trips"), place.At("trips.csv"), "--out", place.At("g.parquet"))).Error);
    }

    [Fact]
    public async Task Shards_are_numbered_and_those_of_an_earlier_run_go()
    {
        using var place = await WithTripsAsync(300);
        var (pipeline, data) = (place.Write("pipeline.json", Pipeline), place.At("trips.csv"));
        string[] line = ["transform", pipeline, data, "--out", place.At("f.arrow"), "--where", "trip_distance > 0.5"];
        await DoAsync([.. line, "--shard-rows", "20"]);
        var rows = await TableText.OfAsync(place.At("f-*.arrow"));
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Usage, [.. line, "--shard-rows", "200"]));
        var paths = (await AskAsync([.. line, "--shard-rows", "200", "--overwrite"])).GetProperty("paths").EnumerateArray();
        Assert.Equal(Directory.GetFiles(place.At("."), "f-*.arrow").Order().Select(Path.GetFullPath), paths.Select(path => path.GetString()));
        Assert.Equal(rows, await TableText.OfAsync(place.At("f-*.arrow")));
    }

    [Fact]
    public async Task What_can_not_be_is_refused_and_leaves_nothing()
    {
        using var place = await WithTripsAsync(50);
        var (pipeline, data, target) = (place.Write("pipeline.json", Pipeline), place.At("trips.csv"), place.At("f.parquet"));
        var entries = place.Entries.ToArray();
        Assert.Contains(".parquet", await RefuseAsync(ExitCodes.Usage, "transform", pipeline, data, "--out", place.At("f.xlsx")));
        Assert.Contains("1 or more", await RefuseAsync(ExitCodes.Usage, "transform", pipeline, data, "--out", target, "--shard-rows", "0"));
        Assert.Contains("no pipeline file", await RefuseAsync(ExitCodes.Usage, "transform", "nope", data, "--out", target));
        Assert.Contains("'nope'", await RefuseAsync(ExitCodes.BadData, "transform", pipeline, data, "--out", target, "--keep", "nope"));
        Assert.Contains("there twice", await RefuseAsync(ExitCodes.Usage, "transform", pipeline, data, "--out", target, "--keep", "vendor_id,vendor_id"));
        File.AppendAllText(data, "broken\n");
        Assert.Contains("line 52", await RefuseAsync(ExitCodes.BadData, "transform", pipeline, data, "--out", target));
        Assert.Equal(entries, place.Entries);
        Assert.Contains("broken row", (await DoAsync("transform", pipeline, data, "--out", target, "--on-bad-row", $"quarantine:{place.At("bad.csv")}")).Output);
        Assert.Equal("broken\n", File.ReadAllText(place.At("bad.csv")));
    }

    static async Task<List<string>> EngineAsync(string model, string data)
    {
        var transform = TrainedModel.Load(model).Artifact.Transform;
        var source = await Dataset.Read(data).OpenAsync(TestContext.Current.CancellationToken);
        var (features, workspace) = (new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        var lines = new List<string>();
        await foreach (var batch in Data.BatchSourceReading.ReadAllAsync(source, [.. transform.Input.Names], TestContext.Current.CancellationToken))
        {
            transform.Apply(batch, features, workspace);
            for (var row = 0; row < batch.RowCount; row++)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{features.Numeric(0)[row]:R}|{features.Numeric(1)[row]:R}|{features.Category(0)[row]}"));
            }
        }

        return lines;
    }
}

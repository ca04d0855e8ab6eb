using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class ImportCommandTests
{
    static async Task<Workplace> ExportedAsync(string estimator)
    {
        var place = await WithTripsAsync(1200);
        await DoAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount > 15", "--estimator", estimator, "--out", place.At("ours"));
        await DoAsync("export", place.At("ours"), "--onnx", place.At("trips.onnx"));
        return place;
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("boosted-trees")]
    public async Task An_exported_model_comes_back_and_predicts_the_same(string estimator)
    {
        using var place = await ExportedAsync(estimator);
        var imported = await AskAsync("import", place.At("trips.onnx"), "--data", place.At("trips.csv"), "--out", place.At("theirs"));
        Assert.Equal("binary classification", imported.GetProperty("task").GetString());
        Assert.Equal("score", imported.GetProperty("output").GetString());
        var ours = (await DoAsync("predict", place.At("ours"), place.At("trips.csv"))).Output;
        Assert.Equal(ours, (await DoAsync("predict", place.At("theirs"), place.At("trips.csv"))).Output);
        var metrics = (await AskAsync("evaluate", place.At("ours"), place.At("trips.csv"))).GetProperty("metrics");
        Assert.Equal(metrics.GetRawText(), (await AskAsync("evaluate", place.At("theirs"), place.At("trips.csv"))).GetProperty("metrics").GetRawText());
        Assert.Contains("Imported (ONNX by Capstan), not trained here.", (await DoAsync("show", place.At("theirs"))).Output);
        var reasons = (await DoAsync("explain", place.At("theirs"), place.At("trips.csv"), "--where", "passenger_count > 5", "--top", "3")).Output.Split('\n');
        Assert.StartsWith("probability,predicted,score,base_score,reason_1,attribution_1,reason_2", reasons[0]);
        Assert.Contains(reasons, line => line.Contains(",trip_seconds,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_can_not_be_imported_is_said()
    {
        using var place = await ExportedAsync("linear");
        var (file, out_) = (place.At("trips.onnx"), place.At("model"));
        var bad = place.Write("bad.onnx", "not a model");
        Assert.Contains("no ONNX file", await RefuseAsync(ExitCodes.BadModel, "import", bad, "--out", out_));
        Assert.Contains("no output 'price'", await RefuseAsync(ExitCodes.BadModel, "import", file, "--predicts", "price", "--out", out_));
        Assert.Contains("expected value, logits or probabilities", await RefuseAsync(ExitCodes.Usage, "import", file, "--scores", "odds", "--out", out_));
        Assert.Contains("it was given 1 (a)", await RefuseAsync(ExitCodes.Usage, "import", file, "--columns", "a", "--out", out_));
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Failure, "import", file, "--out", place.At("ours")));
        var pipeline = place.Write("p.json", """{"label": "fare_amount", "features": {"d": "trip_distance"}}""");
        Assert.Contains("--data FILES", await RefuseAsync(ExitCodes.Usage, "import", file, "--pipeline", pipeline, "--out", out_));
        Assert.False(Path.Exists(out_));
    }
}

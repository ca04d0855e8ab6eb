using System.Text.Json;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class InitCommandTests : IDisposable
{
    readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task The_features_are_written_without_any_number_found_in_the_data()
    {
        using var place = await WithTripsAsync();
        await DoAsync("init", place.At("trips.csv"), "--label", "fare_amount", "--name", "trips", "--out", place.At("p.json"));
        var pipeline = Pipeline.Parse(File.ReadAllText(place.At("p.json")));
        Assert.Equal(("trips", "fare_amount", EstimatorKind.LinearRegressor), (pipeline.Name, pipeline.Label, pipeline.Estimator.Kind));
        Assert.Equal("z_score(trip_distance)", pipeline.Features["trip_distance_scaled"]);
        Assert.Equal("bucketize(trip_distance, 32)", pipeline.Features["trip_distance_bucket"]);
        Assert.Equal("vocabulary(vendor_id, max_size: 20000)", pipeline.Features["vendor_id"]);
        Assert.DoesNotContain(pipeline.Features.Values, text => text.Contains("fare_amount"));
        Assert.Equal("pipeline.schema.json", pipeline.SchemaUrl);
    }

    [Fact]
    public async Task Far_tails_are_clipped_by_quantiles_that_training_will_find()
    {
        var path = _place.Write("tail.csv", ["x,y", .. Enumerable.Range(0, 3000).Select(row => $"{(row == 7 ? "1000000" : $"{row % 1000}.5")},{row % 7}")]);
        await DoAsync("init", path, "--label", "y", "--out", _place.At("p.json"));
        Assert.Equal(
            "z_score(clip(x, quantile(x, 0.001) - 2 * (quantile(x, 0.999) - quantile(x, 0.001)), quantile(x, 0.999) + 2 * (quantile(x, 0.999) - quantile(x, 0.001))))",
            Pipeline.Parse(File.ReadAllText(_place.At("p.json"))).Features["x_scaled"]);
    }

    [Theory]
    [InlineData("n", "linear", EstimatorKind.LinearRegressor)]
    [InlineData("n", "dnn", EstimatorKind.DnnRegressor)]
    [InlineData("zero_or_one", "linear", EstimatorKind.LinearClassifier)]
    [InlineData("yes_or_no", "dnn", EstimatorKind.DnnClassifier)]
    [InlineData("n > 2", "linear", EstimatorKind.LinearClassifier)]
    [InlineData("n * 2", "linear", EstimatorKind.LinearRegressor)]
    [InlineData("truth", "linear", EstimatorKind.LinearClassifier)]
    public async Task The_label_decides_between_classifier_and_regressor(string label, string family, EstimatorKind expected)
    {
        var found = await AskAsync("init", Labels(), "--label", label, "--estimator", family, "--out", _place.At("p.json"));
        Assert.Equal(expected.ToString(), found.GetProperty("estimator").GetString());
    }

    [Theory]
    [InlineData("nope", "There is no column 'nope'. Did you mean 'n'?")]
    [InlineData("same", "all rows have the same value 4")]
    [InlineData("empty", "rows lack it")]
    public async Task A_label_that_cannot_be_learned_is_bad_data_and_writes_nothing(string label, string expected)
    {
        Assert.Contains(expected, await RefuseAsync(ExitCodes.BadData, "init", Labels(), "--label", label, "--out", _place.At("p.json")));
        Assert.Equal(["labels.csv"], _place.Entries);
    }

    [Fact]
    public async Task A_text_of_three_values_is_to_be_classified()
    {
        await AskAsync("init", Labels(), "--label", "colour", "--out", _place.At("p.json"));
        Assert.Contains("LinearClassifier", await File.ReadAllTextAsync(_place.At("p.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Columns_without_a_feature_are_named()
    {
        var found = await AskAsync("init", Labels(), "--label", "n", "--out", _place.At("p.json"));
        Assert.Equal(["same", "empty"], found.GetProperty("unusedColumns").EnumerateArray().Select(column => column.GetString()));
    }

    [Fact]
    public async Task Data_of_nothing_but_the_label_makes_no_pipeline()
    {
        var path = _place.Write("only.csv", "y,k", "1,1", "2,1", "3,1");
        Assert.Contains("no column but y can be used", await RefuseAsync(ExitCodes.Usage, "init", path, "--label", "y", "--out", _place.At("p.json")));
    }

    [Fact]
    public async Task A_file_is_replaced_only_when_told_to()
    {
        var path = _place.Write("p.json", "mine");
        Assert.Contains("--overwrite", await RefuseAsync(ExitCodes.Usage, "init", Labels(), "--label", "n", "--out", path));
        Assert.Equal("mine", File.ReadAllText(path).Trim());
        await DoAsync("init", Labels(), "--label", "n", "--out", path, "--overwrite");
        Assert.Equal("n", JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("label").GetString());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_a_clear_failure() =>
        Assert.Contains("can't be written", await RefuseAsync(ExitCodes.Failure, "init", Labels(), "--label", "n", "--out", _place.At("nowhere/p.json")));

    [Fact]
    public async Task Inside_a_repository_the_schema_is_the_one_that_lies_there()
    {
        Directory.CreateDirectory(_place.At("docs"));
        Directory.CreateDirectory(_place.At("samples/mine"));
        _place.Write("docs/pipeline.schema.json", "{}");
        await DoAsync("init", Labels(), "--label", "n", "--out", _place.At("samples/mine/p.json"));
        Assert.Equal("../../docs/pipeline.schema.json", Pipeline.Parse(File.ReadAllText(_place.At("samples/mine/p.json"))).SchemaUrl);
    }

    string Labels() => _place.Write(
        "labels.csv",
        ["n,zero_or_one,yes_or_no,truth,same,empty,colour", .. Enumerable.Range(0, 60).Select(row =>
            $"{row % 5},{row % 2},{(row % 3 == 0 ? "yes" : "no")},{(row % 4 == 0 ? "true" : "false")},4,,{"red green blue".Split(' ')[row % 3]}")]);
}

using Capstan.Features;
using Capstan.Models;
using Microsoft.ML.OnnxRuntime;

namespace Capstan.Tests;

/// <summary>Counts of claims: how many there are follows from how long a contract was observed.</summary>
public sealed class OffsetTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Contract[] Contracts = Make(4000);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    sealed record Contract(double Years, double Age, string Region, long Claims, bool Any);

    static Contract[] Make(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (years, age, region) = (0.1 + 5 * random.NextDouble(), 20 + 50 * random.NextDouble(), "NS"[random.Next(2)].ToString());
            var (rate, claims, time) = (0.3 * Math.Exp(-0.02 * (age - 45)) * (region == "N" ? 2 : 1), 0L, 0.0);
            while ((time -= Math.Log(1 - random.NextDouble()) / rate) < years)
            {
                claims++;
            }

            return new Contract(years, age, region, claims, claims > 0);
        })];
    }

    static Task<TrainedModel> Fit(string json) =>
        new PipelineTraining(Pipeline.Parse(json), TimeProvider.System, null).RunAsync(Dataset.From(Contracts), Ct);

    static string Claims(string kind, string more = "") =>
        $$"""
        { "label": "Claims", "offset": "log(Years)", "features": { "age": "z_score(Age)", "region": "vocabulary(Region)" }, "exclude": ["Any"],
          "estimator": { "kind": "{{kind}}", "loss": "poisson" {{more}} } }
        """;

    [Theory]
    [InlineData("LinearRegressor")]
    [InlineData("DnnRegressor")]
    [InlineData("DnnLinearCombinedRegressor")]
    [InlineData("BaselineRegressor")]
    [InlineData("BoostedTreesRegressor")]
    public async Task Twice_the_exposure_is_twice_the_claims_in_predictions_in_stored_models_and_in_onnx(string kind)
    {
        var model = await Fit(Claims(kind));
        Contract[] once = Contracts[..50], twice = [.. once.Select(contract => contract with { Years = contract.Years * 2 })];
        var (before, after) = (await model.PredictAsync(once, Ct), await model.PredictAsync(twice, Ct));
        Assert.All(before.Zip(after), pair => Assert.Equal(2, pair.Second / pair.First, 1e-4f));
        Assert.Contains("Years", model.Artifact.Transform.Input.Names);
        model.Save(_folder["claims"]);
        Assert.Equal(before, await TrainedModel.Load(_folder["claims"]).PredictAsync(once, Ct));

        using var session = new InferenceSession(OnnxModelExport.Export(model.Artifact));
        using var results = session.Run(session.InputMetadata.Keys.Select(name => Input(name, once)).ToArray());
        var found = results.Single(result => result.Name == "score").AsEnumerable<float>().ToArray();
        Assert.All(before.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f * pair.First));

        static NamedOnnxValue Input(string name, Contract[] rows)
        {
            int[] shape = [rows.Length, 1];
            return name switch
            {
                "Years" => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<double>(rows.Select(row => row.Years).ToArray(), shape)),
                "Age" => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<double>(rows.Select(row => row.Age).ToArray(), shape)),
                _ => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<string>(rows.Select(row => row.Region).ToArray(), shape)),
            };
        }
    }

    [Fact]
    public async Task Rates_are_found_better_than_without()
    {
        var (with, without) = (await Fit(Claims("LinearRegressor")), await Fit(Claims("LinearRegressor").Replace("\"offset\": \"log(Years)\",", "", StringComparison.Ordinal)));
        var (better, worse) = ((await with.EvaluateAsync(Dataset.From(Contracts), Ct))["rmse"], (await without.EvaluateAsync(Dataset.From(Contracts), Ct))["rmse"]);
        Assert.True(better < 0.95 * worse, $"{better} after {worse}");
        // 0.3 claims a year in the south at 45, twice as many in the north.
        var rates = await with.PredictAsync([new Contract(1, 45, "S", 0, false), new Contract(1, 45, "N", 0, false)], Ct);
        Assert.Equal(0.3f, rates[0], 0.05f);
        Assert.Equal(0.6f, rates[1], 0.1f);
    }

    [Fact]
    public async Task A_classifier_and_a_regressor_of_values_take_one_too_and_a_stream_as_well()
    {
        foreach (var json in new[]
        {
            """{ "label": "Any", "offset": "log(Years)", "exclude": ["Claims"] }""",
            """{ "label": "Any", "offset": "log(Years)", "exclude": ["Claims"], "estimator": { "stream": true } }""",
            """{ "label": "Age", "offset": "Years * 3", "exclude": ["Any"], "estimator": { "kind": "DnnRegressor", "epochs": 1 } }""",
        })
        {
            var model = await Fit(json);
            var linear = model.Artifact.Predictor as LinearPredictor ?? ((WideDeepPredictor)model.Artifact.Predictor).Wide;
            var place = linear.Features.Numerics.Select(spec => spec.Name).ToList().IndexOf("offset");
            Assert.Equal(1f, linear.NumericWeights[place]);
        }
    }

    [Fact]
    public async Task Learning_goes_on_with_an_offset_that_came_or_stayed()
    {
        foreach (var kind in new[] { "LinearRegressor", "DnnRegressor", "DnnLinearCombinedRegressor", "BoostedTreesRegressor" })
        {
            var without = await Fit(Claims(kind).Replace("\"offset\": \"log(Years)\",", "", StringComparison.Ordinal));
            var came = await Go(without);
            var stayed = await Go(came);
            var predictions = await stayed.PredictAsync([Contracts[0], Contracts[0] with { Years = Contracts[0].Years * 2 }], Ct);
            Assert.Equal(2, predictions[1] / predictions[0], 1e-4f);

            Task<TrainedModel> Go(TrainedModel from) =>
                new PipelineTraining(Pipeline.Parse(Claims(kind)), TimeProvider.System, null) { From = from }.RunAsync(Dataset.From(Contracts), Ct);
        }
    }

    [Theory]
    [InlineData("""{ "label": "Claims", "offset": "log(Years)", "estimator": { "kind": "LinearRegressor", "loss": "absolute" } }""", "the loss absolute takes none")]
    [InlineData("""{ "label": "Claims", "offset": "log(Years)", "estimator": { "kind": "LinearClassifier" } }""", "more than two classes takes none")]
    [InlineData("""{ "label": "Any", "offset": "log(Years)", "estimator": { "kind": "BaselineClassifier" } }""", "BaselineClassifier takes none")]
    [InlineData("""{ "label": "Claims", "offset": "log(Years)", "estimator": { "kind": "BoostedTreesClassifier" } }""", "more than two classes takes none")]
    [InlineData("""{ "label": "Any", "offset": "log(Years", "estimator": { "kind": "LinearClassifier" } }""", "offset:")]
    [InlineData("""{ "label": "Any", "offset": "Region", "estimator": { "kind": "LinearClassifier" } }""", "Region")]
    [InlineData("""{ "label": "Any", "offset": "log(Years - 1)", "estimator": { "kind": "LinearClassifier" } }""", "is missing in a row; impute it")]
    [InlineData("""{ "label": "Any", "offset": "log(Years)", "features": { "offset": "Age" } }""", "the pipeline's offset is a feature of that name")]
    public async Task What_can_not_be_is_refused(string json, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAnyAsync<ArgumentException>(() => Fit(json))).Message, StringComparison.Ordinal);
}

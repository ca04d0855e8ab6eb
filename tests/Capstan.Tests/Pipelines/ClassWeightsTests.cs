using Capstan.Features;
using Capstan.Models;

namespace Capstan.Tests;

public sealed class ClassWeightsTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Train = Trips.Make(3000);
    static readonly Trip[] Test = Trips.Make(1000, seed: 2);

    static Task<TrainedModel> Fit(string json, Trip[]? rows = null) =>
        new PipelineTraining(Pipeline.Parse(json), TimeProvider.System, null).RunAsync(Dataset.From(rows ?? Train), Ct);

    [Theory]
    [InlineData("LinearClassifier")]
    [InlineData("DnnClassifier")]
    [InlineData("BaselineClassifier")]
    [InlineData("BoostedTreesClassifier")]
    public async Task A_class_that_counts_more_is_predicted_more_often(string kind)
    {
        var plain = await Mean("");
        var weighed = await Mean(""" "classWeights": { "true": 4 }, """);
        Assert.True(weighed > plain + 0.1, $"{weighed} after {plain}");

        async Task<float> Mean(string weights) => (await (await Fit(
            $$"""{ "label": "Late", "exclude": ["Key"], "estimator": { {{weights}} "kind": "{{kind}}" } }""")).PredictAsync(Test, Ct)).Average();
    }

    [Fact]
    public async Task Balanced_classes_are_predicted_as_often_as_each_other_and_metrics_count_rows_as_they_are()
    {
        Trip[] rare = [.. Train.Where((trip, row) => !trip.Late || row % 4 == 0)];
        var model = await Fit("""{ "label": "Late", "exclude": ["Key"], "estimator": { "kind": "BaselineClassifier", "classWeights": "balanced" } }""", rare);
        Assert.Equal(0.5f, (await model.PredictAsync(Test, Ct))[0], 1e-3f);
        var share = model.Artifact.Lineage.Metrics["positive_share"];
        Assert.True(share < 0.4, $"{share}");
        var named = await new LinearClassifier("Late") { ClassWeights = ClassWeights.Balanced, Exclude = ["Key"] }.FitAsync(Dataset.From(rare), null, Ct);
        Assert.Contains("\"classWeights\": \"balanced\"", named.Artifact.Lineage.Pipeline.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_of_classes_are_as_weights_of_their_rows()
    {
        var byClass = await Fit("""{ "label": "Vendor", "exclude": ["Key"], "validation": { "share": 0 }, "estimator": { "classWeights": { "B": 3, "D": 0.5 } } }""");
        var byRow = await Fit(
            """
            { "label": "Vendor", "exclude": ["Key"], "validation": { "share": 0 },
              "weight": "if(Vendor == 'B', 3, if(Vendor == 'D', 0.5, 1))" }
            """);
        Assert.Equal(await byRow.PredictAsync(Test, Ct), await byClass.PredictAsync(Test, Ct));
        var streamed = await Fit("""{ "label": "Late", "exclude": ["Key"], "estimator": { "stream": true, "classWeights": { "true": 2 } } }""");
        var streamedByRow = await Fit("""{ "label": "Late", "exclude": ["Key"], "weight": "if(Late, 2, 1)", "estimator": { "stream": true } }""");
        Assert.Equal(await streamedByRow.PredictAsync(Test, Ct), await streamed.PredictAsync(Test, Ct));
    }

    [Theory]
    [InlineData("""{ "label": "Fare", "estimator": { "kind": "LinearRegressor", "classWeights": "balanced" } }""", "predicts numbers and has no classes")]
    [InlineData("""{ "label": "Late", "estimator": { "classWeights": { "yes": 2 } } }""", "classWeights.yes: there is no such class; the classes are 'false', 'true'")]
    [InlineData("""{ "label": "Late", "estimator": { "classWeights": { "true": 0 } } }""", "classWeights.true: found 0, expected a number above 0")]
    [InlineData("""{ "label": "Late", "estimator": { "classWeights": "heavy" } }""", "found 'heavy', expected \"balanced\" or a weight for each class")]
    [InlineData("""{ "label": "Late", "estimator": { "classWeights": 3 } }""", "expected \"balanced\" or a weight for each class")]
    [InlineData("""{ "label": "Late", "estimator": { "classWeights": "balanced", "stream": true } }""", "a stream is read once; name the weights")]
    public async Task What_can_not_be_is_refused(string json, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<PipelineException>(() => Fit(json))).Message, StringComparison.Ordinal);
}

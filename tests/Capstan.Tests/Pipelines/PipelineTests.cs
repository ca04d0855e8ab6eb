namespace Capstan.Tests;

public sealed class PipelineTests
{
    static string[] Problems(string json) => [.. Assert.Throws<PipelineException>(() => Pipeline.Parse(json)).Problems];

    [Fact]
    public void A_label_is_enough()
    {
        var pipeline = Pipeline.Parse("""{ "label": "late" }""");
        Assert.Equal((EstimatorKind.LinearClassifier, 0.1, 1UL, true), (pipeline.Estimator.Kind, pipeline.Validation.Share, pipeline.Seed, pipeline.WantsAutomaticFeatures));
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same()
    {
        var pipeline = new Pipeline
        {
            SchemaUrl = "pipeline.schema.json", Name = "n", Label = "a > 'x'", Filter = "b > 1", Weight = "c", Types = new Dictionary<string, string> { ["a"] = "text" },
            Exclude = ["k"], Features = new Dictionary<string, string> { ["f"] = "hash(a, buckets: 7)" }, AutomaticFeatures = true,
            Estimator = new EstimatorDefinition { Kind = EstimatorKind.DnnRegressor, Epochs = 2, BatchSize = 3, Patience = 4, LearningRate = 0.5, L2 = 0.25, HiddenUnits = [5, 6], EmbeddingDimension = 7 },
            Validation = new ValidationDefinition { Share = 0.2, Time = "t", From = "2001-06-01" }, Seed = ulong.MaxValue,
        };
        var json = pipeline.ToJson();
        Assert.Equal(json, Pipeline.Parse(json).ToJson());
        Assert.Contains("\"label\": \"a > 'x'\"", json, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"DnnRegressor\"", json, StringComparison.Ordinal);
        Assert.Equal(ulong.MaxValue, Pipeline.Parse(json).Seed);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_welcome() => Assert.Equal("late", Pipeline.Parse("{ // what\n \"label\": /* this */ \"late\",\n}").Label);

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var problems = Problems("""
            { "label": "a +", "filter": "(", "features": { "f": "loog(a)" }, "types": { "a": "string" },
              "estimator": { "epochs": 0, "learningRate": -1, "hiddenUnits": [0] }, "validation": { "share": 0.9, "time": "t" } }
            """);
        string[] expected = ["label:", "filter:", "features.f:", "types.a: found 'string', expected int, number", "estimator.epochs: found 0", "estimator.learningRate: found -1",
            "estimator.hiddenUnits, embeddingDimension", "estimator.hiddenUnits: each", "validation.share: found 0.9", "validation.time and validation.from"];
        Assert.All(expected, start => Assert.Single(problems, problem => problem.StartsWith(start, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, problems.Length);
    }

    [Theory]
    [InlineData("""{ "label": "a", "lable": "b" }""", "lable")]
    [InlineData("""{ "label": "a",\n "estimator": { "depth": 3 } }""", "line 2")]
    [InlineData("""{ }""", "label")]
    [InlineData("""{ "label": "a", "seed": -1 }""", "$.seed")]
    [InlineData("""{ "label": "a", "seed": "1" }""", "$.seed")]
    [InlineData("""{ "label": "a", "label": "b" }""", "label")]
    [InlineData("""{ "label": "a", "estimator": { "kind": "BoostedTrees" } }""", "$.estimator.kind")]
    [InlineData("""{ "label": "a", "estimator": { "kind": 7 } }""", "$.estimator.kind")]
    [InlineData("""{ "label": null }""", "label")]
    [InlineData("""{ "label": "a", "features": null }""", "features")]
    [InlineData("""{ "label": "a", "features": { "f": null } }""", "features.f")]
    [InlineData("""{ "label": "a", "exclude": [null] }""", "exclude")]
    [InlineData("""{ "label": "a", "types": { "a": null } }""", "types.a")]
    [InlineData("""{ "label": "a", "estimator": null }""", "estimator")]
    [InlineData("""{ "label": "a", "validation": null }""", "validation")]
    [InlineData("""{ "label": "a", "automaticFeatures": false }""", "features: there are none")]
    [InlineData("""{ "label": "a", "estimator": { "learningRate": 1e999 } }""", "learningRate")]
    [InlineData("""{ "label": "a", "estimator": { "kind": "DnnClassifier", "l1": 1 } }""", "estimator.l1: DnnClassifier has none")]
    [InlineData("""{ "label": "a", "estimator": { "stream": true, "epochs": 2 } }""", "a stream is read once")]
    [InlineData("""{ "label": "a", "validation": { "time": "t", "from": "soon" } }""", "validation.from: found 'soon'")]
    [InlineData("""{ "label": "a", "validation": { "time": "t", "from": "06/01" } }""", "validation.from: found '06/01'")]
    [InlineData("""{ "label": "a", "validation": { "time": "t", "from": "12:00" } }""", "validation.from: found '12:00'")]
    [InlineData("""{ "label": "a", "validation": { "time": "t", "from": "2001-06-01", "key": "k" } }""", "validation.key: not together with time")]
    [InlineData("null", "null")]
    [InlineData("[]", "line 1")]
    [InlineData("", "line 1")]
    [InlineData("{", "line 1")]
    public void A_mistake_is_named_with_its_member(string json, string where) =>
        Assert.Contains(where, string.Join("\n", Problems(json.Replace("\\n", "\n", StringComparison.Ordinal))), StringComparison.Ordinal);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Knobs_set_in_code_must_be_numbers_too(double value) => Assert.Equal(
        2, Assert.Throws<PipelineException>(() => new LinearClassifier("a") { LearningRate = value, L2 = value }.Pipeline.Validate()).Problems.Count);

    [Theory]
    [InlineData("2001-06-01T12:00:00", 12)]
    [InlineData("2001-06-01T12:00:00Z", 12)]
    [InlineData("2001-06-01T12:00:00+02:00", 10)]
    public void Validation_begins_at_the_same_moment_in_every_time_zone(string from, int hour) => Assert.Equal(
        Data.Timestamps.FromDateTime(new DateTime(2001, 6, 1, hour, 0, 0)), new ValidationDefinition { Time = "t", From = from }.FromMicroseconds);
}

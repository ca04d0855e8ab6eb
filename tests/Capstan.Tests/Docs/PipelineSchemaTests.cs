using System.Text.Json.Nodes;

namespace Capstan.Tests;

/// <summary>docs/pipeline.schema.json against the type that reads pipelines.</summary>
public sealed class PipelineSchemaTests
{
    static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root(), "docs", "pipeline.schema.json")))!;

    static string[] MembersOf(Type type) => [.. PipelineMembers.Of(type).Select(property => property.Name).Order(StringComparer.Ordinal)];

    static string[] Keys(JsonNode node) => [.. node.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_schema_and_the_records_have_the_same_members()
    {
        var properties = Schema["properties"]!;
        Assert.Equal(MembersOf(typeof(Pipeline)), Keys(properties));
        Assert.Equal(MembersOf(typeof(EstimatorDefinition)), Keys(properties["estimator"]!["properties"]!));
        Assert.Equal(MembersOf(typeof(ValidationDefinition)), Keys(properties["validation"]!["properties"]!));
    }

    [Fact]
    public void Required_members_enumerations_and_defaults_are_the_records()
    {
        var required = PipelineMembers.Of(typeof(Pipeline)).Where(property => property.IsRequired).Select(property => property.Name);
        Assert.Equal(required, Schema["required"]!.AsArray().Select(name => (string)name!));
        var estimator = Schema["properties"]!["estimator"]!["properties"]!;
        Assert.Equal(Enum.GetNames<EstimatorKind>(), estimator["kind"]!["enum"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(
            Enum.GetValues<Data.DataType>().Select(Data.Schema.NameOf), Schema["properties"]!["types"]!["additionalProperties"]!["enum"]!.AsArray().Select(name => (string)name!));
        var defaults = new Pipeline { Label = "a" };
        Assert.Equal(defaults.Estimator.Kind.ToString(), (string?)estimator["kind"]!["default"]);
        Assert.Equal(defaults.Validation.Share, (double?)Schema["properties"]!["validation"]!["properties"]!["share"]!["default"]);
        Assert.Equal(defaults.Seed, (ulong?)Schema["properties"]!["seed"]!["default"]);
    }

    [Fact]
    public void Every_member_is_described()
    {
        foreach (var node in new[] { Schema, Schema["properties"]!["estimator"]!, Schema["properties"]!["validation"]! })
        {
            Assert.All(node["properties"]!.AsObject(), member => Assert.False(string.IsNullOrWhiteSpace((string?)member.Value!["description"]), member.Key));
        }
    }

    [Theory]
    [InlineData("""{ "label": "a" }""", true)]
    [InlineData("""{ "label": "a", "types": { "b": "int" }, "exclude": ["c"], "features": { "f": "b" }, "estimator": { "kind": "DnnRegressor", "hiddenUnits": [4] }, "validation": { "share": 0.5 } }""", true)]
    [InlineData("""{ }""", false)]
    [InlineData("""{ "label": 1 }""", false)]
    [InlineData("""{ "label": null }""", false)]
    [InlineData("""{ "label": "a", "lable": "b" }""", false)]
    [InlineData("""{ "label": "a", "types": { "b": "string" } }""", false)]
    [InlineData("""{ "label": "a", "exclude": [1] }""", false)]
    [InlineData("""{ "label": "a", "seed": -1 }""", false)]
    [InlineData("""{ "label": "a", "seed": 1.5 }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "Forest" } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "epochs": 0 } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "learningRate": 0 } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "DnnRegressor", "hiddenUnits": [0] } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "forest": 3 } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "BoostedTreesRegressor", "trees": 3, "leaves": 7, "monotone": { "b": "increasing" } } }""", true)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "BoostedTreesRegressor", "leaves": 1 } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "BoostedTreesRegressor", "baggingShare": 1.5 } }""", false)]
    [InlineData("""{ "label": "a", "estimator": { "kind": "BoostedTreesRegressor", "monotone": { "b": "up" } } }""", false)]
    [InlineData("""{ "label": "a", "validation": { "share": 0.6 } }""", false)]
    public void Editor_and_reader_agree(string json, bool isValid)
    {
        Assert.Equal(isValid, JsonSchemaCheck.Accepts(Schema, JsonNode.Parse(json)));
        Assert.Equal(isValid, Record.Exception(() => Pipeline.Parse(json)) is not PipelineException);
    }
}

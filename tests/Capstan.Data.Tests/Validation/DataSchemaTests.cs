using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Capstan.Data.Tests.Validation;

/// <summary>Schema files: what is refused, and docs/data.schema.json against the types that read them.</summary>
public sealed class DataSchemaTests
{
    static readonly JsonNode Published = JsonNode.Parse(File.ReadAllText(Repository("docs", "data.schema.json")))!;

    static string Repository(string folder, string file, [CallerFilePath] string caller = "") =>
        Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..", folder, file);

    static string[] MembersOf(Type type) => [.. DataSchemaJson.Default.Options.GetTypeInfo(type).Properties
        .Where(property => property.Get is not null).Select(property => property.Name).Order(StringComparer.Ordinal)];

    static string[] Keys(JsonNode node) => [.. node["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_published_schema_and_the_records_have_the_same_members_and_describe_them()
    {
        var column = Published["$defs"]!["column"]!;
        foreach (var (type, node) in new (Type, JsonNode)[]
        {
            (typeof(DataSchema), Published), (typeof(RowsRule), Published["properties"]!["rows"]!), (typeof(ColumnSchema), column),
            (typeof(PresenceRule), column["properties"]!["presence"]!), (typeof(DomainRule), column["properties"]!["domain"]!),
            (typeof(DistinctRule), column["properties"]!["distinct"]!), (typeof(DistanceLimits), Published["$defs"]!["distanceLimits"]!),
        })
        {
            Assert.Equal(MembersOf(type), Keys(node));
            Assert.All(node["properties"]!.AsObject(), member => Assert.False(string.IsNullOrWhiteSpace((string?)member.Value!["description"]), member.Key));
        }

        Assert.Equal(Enum.GetValues<DataType>().Select(Schema.NameOf), column["properties"]!["type"]!["enum"]!.AsArray().Select(name => (string)name!));
    }

    [Theory]
    [InlineData("""{ "columns": {} }""", true)]
    [InlineData("""{ "$schema": "data.schema.json", "rows": { "min": 1, "maxRatio": 1.5 }, "environments": ["e"], "allowOtherColumns": true, "columns": { "a": { "type": "text", "domain": { "values": ["ü"] }, "inEnvironments": ["e"], "drift": { "lInfinity": 0.1 } } } }""", true)]
    [InlineData("""{ }""", false)]
    [InlineData("""{ "columns": { "a": null } }""", false)]
    [InlineData("""{ "columns": { "a": { "typ": "int" } } }""", false)]
    [InlineData("""{ "columns": { "a": { "type": "string" } } }""", false)]
    [InlineData("""{ "columns": { "a": { "presence": { "minFraction": 1.1 } } } }""", false)]
    [InlineData("""{ "columns": { "a": { "presence": { "minCount": -1 } } } }""", false)]
    [InlineData("""{ "columns": { "a": { "domain": { "min": "low" } } } }""", false)]
    [InlineData("""{ "columns": { "a": { "domain": { "values": [null] } } } }""", false)]
    [InlineData("""{ "rows": { "minRatio": -1 }, "columns": {} }""", false)]
    [InlineData("""{ "drift": { "jensenShannon": 2 }, "columns": {} }""", false)]
    public void Editor_and_reader_agree(string json, bool isValid)
    {
        Assert.Equal(isValid, JsonSchemaCheck.Accepts(Published, JsonNode.Parse(json)));
        Assert.Equal(isValid, Record.Exception(() => DataSchema.Parse(json)) is not DataSchemaException);
    }

    [Fact]
    public void All_contradictions_are_told_together_each_with_its_place()
    {
        const string Json = """
            {
              "rows": { "min": 5, "max": 4 },
              "columns": {
                "a": { "presence": { "minFraction": 0.5, "maxFraction": 0.4 }, "domain": { "min": 2, "max": 1 } },
                "b": { "type": "text", "domain": { "min": 0 } },
                "c": { "domain": { "min": 0, "values": [] } },
                "d": { "domain": { "earliest": "06/01" } },
                "e": { "type": "boolean", "distinct": { "min": 2 } },
                "f": { "notInEnvironments": ["nowhere"] },
              },
            }
            """;
        var problems = Assert.Throws<DataSchemaException>(() => DataSchema.Parse(Json)).Problems;
        Assert.Equal(
            ["rows", "columns.a.presence", "columns.a.domain", "columns.b.domain", "columns.c.domain", "columns.d.domain.earliest", "columns.e.distinct", "columns.f"],
            problems.Select(problem => problem.Split(": ")[0]));
        Assert.Contains("found rules for numbers in a column of type text", problems[3]);
        Assert.Contains("'nowhere' is none of the schema's environments (it has none)", problems[7]);
    }

    [Fact]
    public void A_text_that_is_no_json_is_refused_with_its_line() =>
        Assert.Contains("line 2", Assert.Throws<DataSchemaException>(() => DataSchema.Parse("{\n \"columns\": 5 }")).Message);

    [Fact]
    public void Texts_are_written_as_a_person_writes_them()
    {
        var json = new DataSchema { Columns = new Dictionary<string, ColumnSchema> { ["Zürich's <b>"] = new() { Drift = new() } } }.ToJson();
        Assert.Contains("\"Zürich's <b>\"", json);
        Assert.Contains("\"drift\": {}", json);
    }
}

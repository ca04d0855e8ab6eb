using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Tests.Support;

/// <summary>Holds JSON against a JSON schema: the keywords that the published schemas use, and no other.</summary>
static class JsonSchemaCheck
{
    public static bool Accepts(JsonNode schema, JsonNode? value) => Accepts(schema, schema, value);

    static bool Accepts(JsonNode root, JsonNode schema, JsonNode? value) => schema.AsObject().All(rule => rule.Key switch
    {
        "$schema" or "$defs" or "title" or "description" or "default" or "properties" => true,
        "$ref" => Accepts(root, root["$defs"]![((string)rule.Value!)["#/$defs/".Length..]]!, value),
        "type" => (string)rule.Value! switch
        {
            "object" => value is JsonObject members &&
                members.All(member => schema["properties"]?[member.Key] is not { } inner || Accepts(root, inner, member.Value)),
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "integer" => value?.GetValueKind() == JsonValueKind.Number && (double)value == Math.Floor((double)value),
            _ => throw new NotSupportedException(rule.Value!.ToJsonString()),
        },
        "required" => rule.Value!.AsArray().All(name => value!.AsObject().ContainsKey((string)name!)),
        "enum" => rule.Value!.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
        "oneOf" => rule.Value!.AsArray().Count(choice => Accepts(root, choice!, value)) == 1,
        "items" => value!.AsArray().All(item => Accepts(root, rule.Value!, item)),
        "minimum" => (double)value! >= (double)rule.Value!,
        "maximum" => (double)value! <= (double)rule.Value!,
        "exclusiveMinimum" => (double)value! > (double)rule.Value!,
        "additionalProperties" => value is JsonObject all && all.Where(member => schema["properties"]?[member.Key] is null)
            .All(member => rule.Value!.GetValueKind() != JsonValueKind.False && Accepts(root, rule.Value!, member.Value)),
        _ => throw new NotSupportedException(rule.Key),
    });
}

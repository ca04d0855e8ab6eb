using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>All interfaces as one OpenAPI 3.0 document, from the same surfaces as everything else.</summary>
static class OpenApiDocument
{
    public static JsonObject Of(IEnumerable<ApiSurface> surfaces, string rootUrl, string release)
    {
        var (paths, schemas) = (new JsonObject(), new JsonObject());
        foreach (var surface in surfaces)
        {
            foreach (var message in surface.Messages)
            {
                var schema = DiscoveryDocument.Of(message);
                schemas[schema["id"]!.GetValue<string>()] = Renamed(schema); // every schema has an id
            }

            foreach (var method in surface.Methods)
            {
                Place(paths, method);
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject { ["title"] = "Capstan", ["version"] = release },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = rootUrl.TrimEnd('/') }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Goog-Api-Key" },
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                },
            },
        };
    }

    static void Place(JsonObject paths, ApiMethod method)
    {
        // {+name} stands for several segments, which OpenAPI has no word for: each '*' becomes a parameter named after its
        // collection.
        var segments = (method.Pattern == "projects/**" ? "projects/*/models/*" : method.Pattern).Split('/');
        var parameters = new JsonArray();
        for (var index = 1; index < segments.Length; index += 2)
        {
            var name = segments[index - 1] switch { "studies" => "study", var plural => plural.TrimEnd('s') };
            segments[index] = $"{{{name}}}";
            parameters.Add(Parameter(name, "path", new JsonObject { ["type"] = "string" }));
        }

        foreach (var name in method.Query)
        {
            parameters.Add(Parameter(name, "query", new JsonObject { ["type"] = name == "pageSize" ? "integer" : "string" }));
        }

        var path = "/" + method.Path[..method.Path.IndexOf('{')] + string.Join('/', segments) +
            method.Path[(method.Path.IndexOf('}') + 1)..];
        if (paths[path] is not JsonObject operations)
        {
            paths[path] = operations = [];
        }

        var operation = new JsonObject { ["operationId"] = method.Id, ["parameters"] = parameters };
        if (method.Request is { } request)
        {
            operation["requestBody"] = new JsonObject { ["content"] = Content(request) };
        }

        operation["responses"] =
            new JsonObject { ["200"] = new JsonObject { ["description"] = "Done.", ["content"] = Content(method.Response) } };
        operations[method.Verb.ToLowerInvariant()] = operation;
    }

    static JsonObject Parameter(string name, string place, JsonObject schema)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = schema };
        if (place == "path")
        {
            parameter["required"] = true;
        }

        return parameter;
    }

    static JsonObject Content(MessageType message) => new()
    {
        ["application/json"] = new JsonObject { ["schema"] =
            new JsonObject { ["$ref"] = $"#/components/schemas/{DiscoveryDocument.SchemaName(message.Name)}" } },
    };

    /// <summary>Discovery's schemas are JSON schemas but for ids, references by name, and the type "any".</summary>
    static JsonNode? Renamed(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(Renamed)]);
            case JsonObject schema:
                var renamed = new JsonObject();
                foreach (var (name, value) in schema)
                {
                    // A property of a message may itself be called "id" or "type": those hold objects.
                    if (value is JsonValue && name == "$ref")
                    {
                        renamed[name] = $"#/components/schemas/{value}";
                    }
                    else if (!(value is JsonValue && (name == "id" || (name == "type" && $"{value}" == "any"))))
                    {
                        renamed[name] = Renamed(value);
                    }
                }

                return renamed;
            default:
                return node?.DeepClone();
        }
    }
}

using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>
/// An interface as Google's discovery format describes it, from which clients in many languages make themselves.
/// </summary>
static class DiscoveryDocument
{
    static readonly (string Name, string Type, string Description)[] StandardParameters =
    [
        ("access_token", "string", "OAuth access token."),
        ("alt", "string", "Data format for response."),
        ("callback", "string", "JSONP"),
        ("fields", "string", "Selector specifying which fields to include in a partial response."),
        ("key", "string", "API key."),
        ("oauth_token", "string", "OAuth 2.0 token for the current user."),
        ("prettyPrint", "boolean", "Returns response with indentations and line breaks."),
        ("quotaUser", "string", "Available to use for quota purposes for server-side applications."),
        ("upload_protocol", "string", "Upload protocol for media."),
        ("uploadType", "string", "Legacy upload protocol for media."),
    ];

    /// <param name="rootUrl">Where this server was reached, with a slash at the end.</param>
    public static JsonObject Of(ApiSurface surface, string rootUrl, string release)
    {
        var parameters = new JsonObject();
        foreach (var (name, type, description) in StandardParameters)
        {
            parameters[name] = new JsonObject { ["type"] = type, ["location"] = "query", ["description"] = description };
        }

        var schemas = new JsonObject();
        foreach (var message in surface.Messages.OrderBy(message => SchemaName(message.Name), StringComparer.Ordinal))
        {
            schemas[SchemaName(message.Name)] = Of(message);
        }

        var resources = new JsonObject();
        foreach (var method in surface.Methods)
        {
            Place(resources, method);
        }

        return new JsonObject
        {
            ["kind"] = "discovery#restDescription", ["discoveryVersion"] = "v1", ["id"] = $"ml:{surface.Version}",
            ["name"] = "ml",
            ["version"] = surface.Version, ["revision"] = release, ["title"] = "Capstan",
            ["canonicalName"] = "Cloud Machine Learning Engine",
            ["description"] = "A self-hosted machine-learning engine with the interface of Cloud ML Engine.",
            ["protocol"] = "rest", ["rootUrl"] = rootUrl, ["servicePath"] = "", ["baseUrl"] = rootUrl, ["basePath"] = "",
            ["batchPath"] = "batch",
            ["ownerDomain"] = "localhost", ["ownerName"] = "Capstan", ["parameters"] = parameters,
            ["auth"] = new JsonObject
            {
                ["oauth2"] = new JsonObject
                {
                    ["scopes"] = new JsonObject
                    {
                        ["https://www.googleapis.com/auth/cloud-platform"] =
                            new JsonObject { ["description"] = "See and change everything that your roles allow." },
                    },
                },
            },
            ["schemas"] = schemas, ["resources"] = resources,
        };
    }

    /// <summary>Google's names for messages: <c>GoogleCloudMlV1__Job</c>, <c>GoogleLongrunning__Operation</c>.</summary>
    public static string SchemaName(string name) => name.Split('.') switch
    {
        [var package, var message] =>
            $"Google{char.ToUpperInvariant(package[0])}{package[1..]}{(package == "iam" ? "V1" : "")}__{message}",
        _ => name.Contains('_') ? $"GoogleCloudMlV1_{name}" : $"GoogleCloudMlV1__{name}",
    };

    /// <summary>A message as a schema.</summary>
    public static JsonObject Of(MessageType message)
    {
        var properties = new JsonObject();
        foreach (var field in message.Fields)
        {
            properties[field.Name] = Property(field);
        }

        return new JsonObject { ["id"] = SchemaName(message.Name), ["type"] = "object", ["properties"] = properties };
    }

    static JsonObject Property(MessageField field)
    {
        var value = Value(field);
        if (field.IsMap)
        {
            value = new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
        }
        else if (field.IsRepeated)
        {
            value = new JsonObject { ["type"] = "array", ["items"] = value };
        }

        if (field.IsOutput)
        {
            value["readOnly"] = true;
        }

        return value;
    }

    static JsonObject Value(MessageField field) => field.Type switch
    {
        WireType.Message => new JsonObject { ["$ref"] = SchemaName(field.Message!.Value.Name) }, // a message's field has one
        WireType.Any => new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = new JsonObject { ["type"] = "any", ["description"] = "Any JSON; @type says what." },
        },
        WireType.Enumeration =>
            new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. field.Values.Select(value => (JsonNode)value)]) },
        WireType.Int32 => Formatted("integer", "int32"),
        WireType.Int64 => Formatted("string", "int64"),
        WireType.Double => Formatted("number", "double"),
        WireType.Bytes => Formatted("string", "byte"),
        WireType.Timestamp => Formatted("string", "google-datetime"),
        WireType.Duration => Formatted("string", "google-duration"),
        WireType.Boolean => new JsonObject { ["type"] = "boolean" },
        _ => new JsonObject { ["type"] = "string" },
    };

    static JsonObject Formatted(string type, string format) => new() { ["type"] = type, ["format"] = format };

    static void Place(JsonObject resources, ApiMethod method)
    {
        // ml.projects.models.versions.get: methods of resources inside resources.
        var words = method.Id.Split('.')[1..];
        var at = resources;
        for (var index = 0; index < words.Length - 1; index++)
        {
            if (at[words[index]] is not JsonObject resource)
            {
                at[words[index]] = resource = [];
            }

            var member = index == words.Length - 2 ? "methods" : "resources";
            if (resource[member] is not JsonObject inner)
            {
                resource[member] = inner = [];
            }

            at = inner;
        }

        at[words[^1]] = Method(method);
    }

    static JsonObject Method(ApiMethod method)
    {
        var parameters = new JsonObject
        {
            [method.NameParameter] = new JsonObject
            {
                ["type"] = "string", ["location"] = "path", ["required"] = true, ["pattern"] = PatternOf(method.Pattern),
            },
        };
        foreach (var name in method.Query)
        {
            var parameter = name is "pageSize" or "options.requestedPolicyVersion" ? Formatted("integer", "int32")
                : name == "updateMask" ? Formatted("string", "google-fieldmask")
                : new JsonObject { ["type"] = name == "returnPartialSuccess" ? "boolean" : "string" };
            parameter["location"] = "query";
            parameters[name] = parameter;
        }

        var json = new JsonObject
        {
            ["id"] = method.Id, ["path"] = method.Path, ["flatPath"] = method.Path, ["httpMethod"] = method.Verb,
            ["parameterOrder"] = new JsonArray(method.NameParameter), ["parameters"] = parameters,
            ["response"] = new JsonObject { ["$ref"] = SchemaName(method.Response.Name) },
            ["scopes"] = new JsonArray("https://www.googleapis.com/auth/cloud-platform"),
        };
        if (method.Request is { } request)
        {
            json["request"] = new JsonObject { ["$ref"] = SchemaName(request.Name) };
        }

        return json;
    }

    static string PatternOf(string pattern) => $"^{pattern.Replace("**", ".*").Replace("/*", "/[^/]+")}$";
}

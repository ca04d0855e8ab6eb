using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Capstan.Service;

/// <summary>
/// Reads a body as a message, by the rules of protocol buffers' JSON: names in camelCase or snake_case, null as absent, numbers
/// also as strings, int64 kept as strings. What comes out is in one form: declared names, no output fields, values as they will
/// be answered.
/// Everything that is wrong is told together, by its path.
/// </summary>
sealed class MessageReader
{
    const int MostViolations = 20;

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    readonly List<FieldViolation> _violations = [];

    /// <summary>Reads UTF-8.</summary>
    /// <exception cref="ServiceException">It is no JSON, or not the message.</exception>
    public static JsonObject Read(ReadOnlyMemory<byte> body, MessageType type)
    {
        if (body.IsEmpty)
        {
            return [];
        }

        if (!Utf8.IsValid(body.Span))
        {
            throw new ServiceException(StatusCode.InvalidArgument, "The body is not UTF-8, as JSON has to be.");
        }

        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Read(document.RootElement, type);
        }
        catch (JsonException problem)
        {
            throw new ServiceException(StatusCode.InvalidArgument, $"The body is no JSON that can be read: {problem.Message}");
        }
        catch (InvalidOperationException)
        {
            // The one thing that well-formed JSON in valid UTF-8 can still hold, here in a name: "\ud800", half a character.
            throw new ServiceException(StatusCode.InvalidArgument,
                "A name in the body holds half a character (\"\\ud800\"), which is no text.");
        }
    }

    /// <exception cref="ServiceException">The element is not the message.</exception>
    public static JsonObject Read(JsonElement element, MessageType type)
    {
        var reader = new MessageReader();
        var message = reader.Message(element, type, "");
        return reader._violations switch
        {
            [] => message ?? [],
            [var only] => throw ServiceException.Invalid(only.Field, only.Description),
            var all => throw new ServiceException(
                StatusCode.InvalidArgument,
                $"{all.Count} fields are wrong; the first: field '{all[0].Field}': {all[0].Description}", all),
        };
    }

    JsonObject? Message(JsonElement element, MessageType type, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse(path.Length == 0 ? "(body)" : path, $"expected an object of {type.Name}, found {Describe(element)}.");
            return null;
        }

        var message = new JsonObject();
        foreach (var member in element.EnumerateObject())
        {
            if (_violations.Count >= MostViolations)
            {
                break;
            }

            var at = path.Length == 0 ? Quote.Short(member.Name) : $"{path}.{Quote.Short(member.Name)}";
            if (type.Find(member.Name) is not { } field)
            {
                Refuse(at, $"{type.Name} has no such field.");
            }
            else if (message.ContainsKey(field.Name))
            {
                Refuse(at, "the field stands here in both spellings; send one.");
            }
            else if (member.Value.ValueKind != JsonValueKind.Null && !field.IsOutput && Field(member.Value, field, at) is { } value)
            {
                message[field.Name] = value;
            }
        }

        return message;
    }

    JsonNode? Field(JsonElement element, MessageField field, string path) => field switch
    {
        { IsMap: true } => Map(element, path),
        { IsRepeated: true } => List(element, field, path),
        _ => Value(element, field, path),
    };

    JsonArray? List(JsonElement element, MessageField field, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            Refuse(path, $"expected a list, found {Describe(element)}.");
            return null;
        }

        var list = new JsonArray();
        foreach (var (index, item) in element.EnumerateArray().Index())
        {
            if (_violations.Count < MostViolations && Value(item, field, $"{path}[{index}]") is { } value)
            {
                list.Add(value);
            }
        }

        return list;
    }

    JsonObject? Map(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse(path, $"expected an object of texts, found {Describe(element)}.");
            return null;
        }

        var map = new JsonObject();
        foreach (var member in element.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String)
            {
                map[member.Name] = member.Value.GetString();
            }
            else
            {
                Refuse($"{path}.{Quote.Short(member.Name)}", $"expected a text, found {Describe(member.Value)}.");
            }
        }

        return map;
    }

    JsonNode? Value(JsonElement element, MessageField field, string path)
    {
        if (field.Type == WireType.Message)
        {
            return Message(element, field.Message!.Value, path); // a message's field has one
        }

        if (field.Type == WireType.Any)
        {
            return JsonNode.Parse(element.GetRawText());
        }

        var value = WireValue.Read(element, field);
        if (value is null)
        {
            Refuse(path, $"expected {WireValue.Describe(field)}, found {Describe(element)}.");
        }

        return value;
    }

    void Refuse(string path, string description) => _violations.Add(new FieldViolation(path, description));

    static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ => Quote.Short(element.GetRawText()),
    };
}

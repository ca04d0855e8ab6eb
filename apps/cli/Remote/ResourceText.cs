using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary>Resources as commands show them: JSON for programs, a few lines for people.</summary>
static class ResourceText
{
    public static void Write(CommandSession session, JsonObject resource)
    {
        if (session.Json)
        {
            WriteJson(session, resource);
            return;
        }

        foreach (var (name, value) in resource)
        {
            session.Terminal.Output.WriteLine($"{name,-20} {(value is JsonValue ? $"{value}" : value?.ToJsonString())}");
        }
    }

    /// <summary>A line for each: the last segment of its name, and some of its members.</summary>
    public static void WriteList(CommandSession session, string collection, IReadOnlyList<JsonObject> resources,
        params string[] members)
    {
        if (session.Json)
        {
            WriteJson(session, new JsonObject { [collection] = new JsonArray([.. resources.Select(each => each.DeepClone())]) });
            return;
        }

        foreach (var resource in resources)
        {
            var name = $"{resource["name"] ?? resource["jobId"]}";
            var rest = members.Select(member => resource[member] switch
            {
                JsonObject inner when inner["name"] is { } named => Id($"{named}"),
                JsonObject or JsonArray => resource[member]!.ToJsonString(), // one of them
                var value => $"{value}",
            });
            session.Terminal.Output.WriteLine($"{Id(name),-24} {string.Join("  ", rest)}".TrimEnd());
        }
    }

    static string Id(string name) => name[(name.LastIndexOf('/') + 1)..];

    static void WriteJson(CommandSession session, JsonObject json) => session.WriteJson(writer =>
    {
        foreach (var (name, value) in json)
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    });
}

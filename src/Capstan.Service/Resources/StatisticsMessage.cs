using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Data;

namespace Capstan.Service;

/// <summary>Statistics of data as the interface tells them: a column's name, type and missing values, and its figures, which
/// depend on the type.</summary>
static class StatisticsMessage
{
    static readonly string[] OfEveryColumn = ["name", "type", "missing"];

    public static IEnumerable<JsonObject> ColumnsOf(TableStatistics statistics)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            StatisticsJson.Write(json, statistics);
            json.WriteEndObject();
        }

        var columns = JsonNode.Parse(text.WrittenSpan)!["columns"]!.AsArray(); // written above
        return columns.Select(each => MessageOf(each!.AsObject())); // as above
    }

    static JsonObject MessageOf(JsonObject column)
    {
        var figures = new JsonObject();
        foreach (var (name, value) in column.Where(member => !OfEveryColumn.Contains(member.Key)))
        {
            figures[name] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["name"] = $"{column["name"]}", ["type"] = $"{column["type"]}", ["missing"] = $"{column["missing"]}",
            ["figures"] = figures,
        };
    }
}

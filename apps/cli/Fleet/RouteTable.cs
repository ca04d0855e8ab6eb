using System.Globalization;
using System.Text.Json;

namespace Capstan.Cli;

/// <summary>Shows what a gateway says of its routes.</summary>
static class RouteTable
{
    public static void Write(CommandSession session, IEnumerable<JsonElement> routes)
    {
        var table = new ResultTable(
            "model", "version", "#traffic", "labels", "#requests", "#failed", "#p50 ms", "#p99 ms", "replicas", "why");
        foreach (var route in routes)
        {
            Add(table, route);
        }

        table.Write(session, ["why", "p50 ms", "labels"]);
    }

    static void Add(ResultTable table, JsonElement route)
    {
        var replicas = route.TryGetProperty("replicas", out var state)
            ? $"{state.GetProperty("ready")} of {state.GetProperty("wanted")}" : "";
        var reason = state.ValueKind == JsonValueKind.Object
            ? state.TryGetProperty("problem", out var problem) ? problem.GetString()! : state.GetProperty("reason").GetString()! // Texts.
            : "";
        var model = route.GetProperty("model").GetString()!; // A text.
        foreach (var version in route.GetProperty("versions").EnumerateArray())
        {
            var name = version.GetProperty("version").GetString()!; // A text.
            var labels = route.GetProperty("labels").EnumerateObject().Where(label => label.Value.GetString() == name).Select(label => label.Name);
            table.Add(
                model, name, TrafficOf(version), string.Join(" ", labels), Figure(version, "requests"), Figure(version, "failures"),
                Figure(version, "p50Milliseconds"), Figure(version, "p99Milliseconds"), replicas, reason);
            (model, replicas, reason) = ("", "", "");
        }
    }

    static string TrafficOf(JsonElement version) => version.GetProperty("shadow").GetBoolean()
        ? $"{Percentage.Text(version.GetProperty("perMille").GetInt32())} + shadow"
        : Percentage.Text(version.GetProperty("perMille").GetInt32());

    static string Figure(JsonElement version, string name) =>
        version.TryGetProperty(name, out var value) ? value.GetDouble().ToString("#,0.##", CultureInfo.InvariantCulture) : "";
}

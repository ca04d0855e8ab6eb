using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>How a version of <c>ml/v1</c> says how many nodes it wants, in the fleet's words.</summary>
static class VersionScaling
{
    /// <summary>CMLE's name of the share of a node's processors, in percent.</summary>
    const string CpuUsage = "CPU_USAGE";

    /// <param name="version">A version's body, with <c>autoScaling</c>, <c>manualScaling</c> or neither.</param>
    /// <returns>Null: it says nothing.</returns>
    public static ScaleSettings? Of(JsonObject version)
    {
        if (version["manualScaling"] is JsonObject manual)
        {
            var nodes = NumberOf(manual["nodes"]) ?? 1;
            return new ScaleSettings { ManualNodes = nodes, MaxNodes = Math.Max(1, nodes) };
        }

        if (version["autoScaling"] is not JsonObject automatic)
        {
            return null;
        }

        var usual = new ScaleSettings();
        var least = NumberOf(automatic["minNodes"]) ?? 0;
        var settings = usual with
        {
            MinNodes = least, MaxNodes = NumberOf(automatic["maxNodes"]) is > 0 and var most ? most : Math.Max(usual.MaxNodes, least),
        };
        var cpu = (automatic["metrics"] as JsonArray)?.FirstOrDefault(each => $"{each?["name"]}" == CpuUsage);
        return cpu is null ? settings
            : settings with { Metric = ScaleMetric.Cpu, Target = NumberOf(cpu["target"]) is > 0 and var percent ? percent / 100.0 : null };
    }

    static int? NumberOf(JsonNode? value) =>
        int.TryParse($"{value}", NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}

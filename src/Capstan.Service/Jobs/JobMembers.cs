using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>How many processes a training asks for beside its master, where there are machines for them.</summary>
/// <param name="Processors">Of each, as its machine type says.</param>
public sealed record JobMembers(int Workers, int ParameterServers, int Evaluators, int Processors)
{
    // As Cloud ML Engine had them.
    static readonly Dictionary<string, (int Workers, int ParameterServers)> Tiers = new(StringComparer.Ordinal)
    {
        ["STANDARD_1"] = (4, 3), ["PREMIUM_1"] = (19, 11),
    };

    // As Cloud ML Engine has it where a job says nothing.
    const int MostPredicting = 10;

    /// <summary>All of them, and the master.</summary>
    public int Machines => 1 + Workers + ParameterServers + Evaluators;

    /// <summary>As many as a batch prediction may have; it has no more than there are parts of its input.</summary>
    internal static JobMembers OfPrediction(JsonObject input) =>
        new(CountOf(input["maxWorkerCount"]) is > 0 and var most ? most : MostPredicting, 0, 0, 1);

    /// <returns>Null: the training is one process.</returns>
    internal static JobMembers? Of(JsonObject input)
    {
        var processors = ProcessorsOf($"{input["workerType"] ?? input["masterType"]}");
        if (Tiers.TryGetValue($"{input["scaleTier"]}", out var tier))
        {
            return new JobMembers(tier.Workers, tier.ParameterServers, 0, processors);
        }

        // Other tiers have no counts: JobRules saw to it.
        var members = new JobMembers(
            CountOf(input["workerCount"]), CountOf(input["parameterServerCount"]), CountOf(input["evaluatorCount"]), processors);
        return members is { Workers: 0, ParameterServers: 0, Evaluators: 0 } ? null : members;
    }

    static int CountOf(JsonNode? count) =>
        int.TryParse($"{count}", NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Google's types of machines end in their processors: <c>n1-highmem-8</c>. Others are taken to have one.</summary>
    static int ProcessorsOf(string machineType) =>
        machineType.StartsWith("n1-", StringComparison.Ordinal) || machineType.StartsWith("e2-", StringComparison.Ordinal)
            ? Math.Max(1, CountOf(machineType[(machineType.LastIndexOf('-') + 1)..]))
            : 1;
}

using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>The completed trials that no other is at least as good as in every metric and better in one.</summary>
static class ParetoTrials
{
    public static IReadOnlyList<Resource> Of(JsonObject config, IEnumerable<Resource> trials)
    {
        var metrics = (config["metrics"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(metric => (Name: $"{metric["metric"]}", Sign: $"{metric["goal"]}" == "MINIMIZE" ? -1 : 1)).ToArray();
        var scored =
            trials.Where(trial => trial.State == "COMPLETED").Select(trial => (Trial: trial, Scores: Scores(trial, metrics)))
            .Where(each => each.Scores.All(score => score is not null)).ToArray();
        return [.. scored.Where(each => !scored.Any(other => Dominates(other.Scores, each.Scores))).Select(each => each.Trial)];
    }

    static double?[] Scores(Resource trial, (string Name, int Sign)[] metrics) =>
    [
        .. metrics.Select(metric => (trial.Body["finalMeasurement"]?["metrics"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(found => $"{found["metric"]}" == metric.Name).Select(found => found["value"]?.GetValue<double>() * metric.Sign)
                .FirstOrDefault()),
    ];

    static bool Dominates(double?[] one, double?[] other) =>
        one.Zip(other).All(pair => pair.First >= pair.Second) && one.Zip(other).Any(pair => pair.First > pair.Second);
}

using System.Text.Json.Serialization;

namespace Capstan.Serving;

/// <summary>What is measured to decide how many replicas a model needs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScaleMetric>))]
public enum ScaleMetric
{
    /// <summary>Requests in progress or held, on average over the window.</summary>
    Concurrency,

    /// <summary>Requests that arrived, per second.</summary>
    RequestsPerSecond,

    /// <summary>Processors that the replicas keep busy.</summary>
    Cpu,
}

/// <summary>How many replicas a model may have, and when it gets more or fewer.</summary>
/// <param name="MinNodes">The fewest replicas; 0 lets an idle model have none.</param>
/// <param name="MaxNodes">The most replicas.</param>
/// <param name="ManualNodes">So many replicas whatever the load; null follows it.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Target">
/// How much of the metric a replica should have; null takes 70 requests in progress, 200 a second, or 0.6 processors.
/// </param>
/// <param name="MaxConcurrency">How many requests a replica gets at the same time; others are held.</param>
/// <param name="StableSeconds">The window whose average decides as a rule.</param>
/// <param name="ScaleDownDelaySeconds">How long fewer replicas must have been enough before there are fewer.</param>
/// <param name="ZeroGraceSeconds">How long the last replica stays after the model has been idle for a window.</param>
public sealed record ScaleSettings(
    int MinNodes = 0, int MaxNodes = 4, int? ManualNodes = null, ScaleMetric Metric = ScaleMetric.Concurrency, double? Target = null,
    int MaxConcurrency = 100, int StableSeconds = 60, int ScaleDownDelaySeconds = 30, int ZeroGraceSeconds = 30)
{
    [JsonIgnore]
    public double TargetPerReplica => Target ?? Metric switch
    {
        ScaleMetric.Concurrency => 70,
        ScaleMetric.RequestsPerSecond => 200,
        _ => 0.6,
    };

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        Require(MinNodes >= 0, nameof(MinNodes), MinNodes, "0 or more");
        Require(MaxNodes >= Math.Max(1, MinNodes), nameof(MaxNodes), MaxNodes, $"{Math.Max(1, MinNodes)} or more");
        Require(ManualNodes is null or >= 0, nameof(ManualNodes), ManualNodes ?? 0, "0 or more");
        Require(TargetPerReplica > 0 && double.IsFinite(TargetPerReplica), nameof(Target), TargetPerReplica, "above 0");
        Require(MaxConcurrency > 0, nameof(MaxConcurrency), MaxConcurrency, "1 or more");
        Require(StableSeconds is >= 6 and <= 3600, nameof(StableSeconds), StableSeconds, "6 to 3600");
        Require(ScaleDownDelaySeconds is >= 0 and <= 3600, nameof(ScaleDownDelaySeconds), ScaleDownDelaySeconds, "0 to 3600");
        Require(ZeroGraceSeconds is >= 0 and <= 3600, nameof(ZeroGraceSeconds), ZeroGraceSeconds, "0 to 3600");
    }

    static void Require(bool holds, string name, double found, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{char.ToLowerInvariant(name[0])}{name[1..]} is {found}, expected {expected}.");
        }
    }
}

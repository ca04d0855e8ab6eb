using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Models;

/// <summary>Where a model comes from: enough to make it again.</summary>
public sealed record Lineage
{
    /// <summary>The data files or source as the user named them.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The training source's fingerprint.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>The whole pipeline with all defaults filled in, as pipeline JSON.</summary>
    public required JsonElement Pipeline { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The hash of the model whose parameters learning began at; null of a model that began by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parent { get; init; }

    public required string CapstanVersion { get; init; }

    /// <summary>Rows learned from, rows held out for early stopping, and rows left out because their label was missing.</summary>
    public required long TrainingRows { get; init; }

    public required long ValidationRows { get; init; }

    public required long RowsWithoutLabel { get; init; }

    public required int EpochsRun { get; init; }

    /// <summary>Why training ended, as a sentence.</summary>
    public required string StopReason { get; init; }

    /// <summary>Measured on the validation rows.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required TimeSpan TrainingTime { get; init; }
}

/// <summary>The lineage as readable JSON, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Lineage))]
sealed partial class LineageJson : JsonSerializerContext;

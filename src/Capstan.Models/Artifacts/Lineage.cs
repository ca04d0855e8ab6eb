using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Models;

/// <summary>Where a model comes from: enough to make it again.</summary>
public sealed record Lineage
{
    /// <summary>Of a model whose lineage was not asked for.</summary>
    internal static Lineage Empty { get; } = new()
    {
        Data = [], DataFingerprint = "", Pipeline = default, Seed = 0, CapstanVersion = "", TrainingRows = 0, ValidationRows = 0,
        RowsWithoutLabel = 0, EpochsRun = 0, StopReason = "", Metrics = System.Collections.Immutable.ImmutableDictionary<string, double>.Empty,
        CreatedAt = default, TrainingTime = default,
    };

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

    /// <summary>The losses of each epoch; none in models of earlier releases.</summary>
    public IReadOnlyList<EpochLosses> Epochs { get; init; } = [];

    /// <summary>Why training ended, as a sentence.</summary>
    public required string StopReason { get; init; }

    /// <summary>Measured on the validation rows.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required TimeSpan TrainingTime { get; init; }

    /// <summary>
    /// The database that found the features' constants where the rows are (<c>--pushdown</c>), whose sums may differ in their last bits; null: a pass
    /// over the rows found them.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AnalysedIn { get; init; }
}

/// <summary>What one pass over the training rows came to.</summary>
/// <param name="Training">Each row's loss just before it was learned from, on average.</param>
/// <param name="Validation">Of the model at the end of the pass, on the rows held out; null where there were none.</param>
public sealed record EpochLosses(double Training, double? Validation);

/// <summary>The lineage as readable JSON, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Lineage))]
sealed partial class LineageJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Gateway;

/// <summary>An outcome with the answer that it belongs to.</summary>
/// <param name="Version">Who answered.</param>
/// <param name="Prediction">What was predicted, where that was one number.</param>
/// <param name="IsProbability">Whether that is the probability of the positive class.</param>
public sealed record JoinedOutcome(DateTimeOffset At, string Version, double Outcome, double? Prediction, bool IsProbability)
{
    /// <summary>On one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, OutcomeJson.Default.JoinedOutcome);

    public static JoinedOutcome? FromJson(string json) => JsonSerializer.Deserialize(json, OutcomeJson.Default.JoinedOutcome);
}

/// <summary>An outcome that looks for its answer: by the request's id, or by the hash of a key (its latest answer).</summary>
public sealed record OutcomeQuestion(string Model, string? Request, string? Key, double Outcome)
{
    public string ToJson() => JsonSerializer.Serialize(this, OutcomeJson.Default.OutcomeQuestion);

    public static OutcomeQuestion? FromJson(string json) => JsonSerializer.Deserialize(json, OutcomeJson.Default.OutcomeQuestion);
}

/// <summary>The answer that an outcome was found to belong to, and now holds.</summary>
/// <param name="isFirst">False where the answer has an outcome already, and this one is refused.</param>
public sealed class FoundAnswer(JoinedOutcome outcome, bool isFirst, Action giveBack)
{
    public JoinedOutcome Outcome { get; } = outcome;

    public bool IsFirst { get; } = isFirst;

    /// <summary>The outcome could not be kept, so the answer may have another.</summary>
    public void GiveBack()
    {
        if (IsFirst)
        {
            giveBack();
        }
    }
}

/// <summary>What another gateway said of an outcome.</summary>
/// <param name="Version">Whose answer it belongs to.</param>
/// <param name="IsFirst">False where that answer has an outcome already.</param>
public readonly record struct OutcomeVerdict(string Version, bool IsFirst);

/// <summary>How many requests a version answered.</summary>
public readonly record struct ExposureCount(string Model, string Version, long Count);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JoinedOutcome))]
[JsonSerializable(typeof(OutcomeQuestion))]
sealed partial class OutcomeJson : JsonSerializerContext;

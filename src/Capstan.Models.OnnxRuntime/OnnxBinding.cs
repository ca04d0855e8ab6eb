using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Models.OnnxRuntime;

/// <summary>What an input is fed with.</summary>
/// <param name="Name">The input's.</param>
/// <param name="Features">The names of features, a value of each row after another.</param>
sealed record BoundInput(string Name, IReadOnlyList<string> Features);

/// <summary>How features become inputs and the output becomes scores; written into artifacts as JSON.</summary>
/// <param name="Inputs">All inputs that have to be fed.</param>
/// <param name="Output">The name of the output.</param>
/// <param name="Scores">What its numbers are.</param>
/// <param name="Columns">How many numbers it has for a row.</param>
/// <param name="Keys">Where the output is a map from class to number for each row: the classes in the order of the
/// scores.</param>
sealed record OnnxBinding(
    IReadOnlyList<BoundInput> Inputs, string Output, OnnxScores Scores, int Columns, IReadOnlyList<string>? Keys)
{
    [JsonIgnore]
    public ModelOutput ModelOutput => Scores == OnnxScores.Value ? ModelOutput.Value
        : Columns <= 2 ? ModelOutput.LogOdds
        : ModelOutput.Classes(Columns);

    public string ToJson() => JsonSerializer.Serialize(this, OnnxBindingJson.Default.OnnxBinding);

    /// <exception cref="ArgumentException">The text is no binding.</exception>
    public static OnnxBinding Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OnnxBindingJson.Default.OnnxBinding)
                is { Inputs: not null, Output: not null, Columns: > 0 } binding
                ? binding
                : throw new ArgumentException("The binding of the ONNX model lacks inputs or its output.");
        }
        catch (JsonException cause)
        {
            throw new ArgumentException($"The binding of the ONNX model is no JSON: {cause.Message}", cause);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OnnxBinding))]
sealed partial class OnnxBindingJson : JsonSerializerContext;

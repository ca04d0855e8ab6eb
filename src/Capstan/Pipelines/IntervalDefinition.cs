using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>What the ends of intervals come from.</summary>
public enum IntervalMethod
{
    /// <summary>Errors of rows held out: the same width for every row.</summary>
    Errors,

    /// <summary>Two more models, of quantiles, corrected by rows held out: wide where labels are spread. Learning takes three
    /// times as long.</summary>
    Quantiles,
}

/// <summary>
/// A regressor's prediction intervals: <c>0.9</c>, or <c>new(0.9, IntervalMethod.Quantiles)</c>. In a pipeline file <c>0.9</c> or
/// <c>{"coverage": 0.9, "method": "quantiles"}</c>.
/// </summary>
/// <param name="Coverage">The share of labels that shall lie inside, between 0 and 1.</param>
[JsonConverter(typeof(IntervalDefinitionJson))]
public sealed record IntervalDefinition(double Coverage, IntervalMethod Method = IntervalMethod.Errors)
{
    public static implicit operator IntervalDefinition(double coverage) => new(coverage);

    internal void Check(Pipeline pipeline, List<string> problems)
    {
        if (!(Coverage is > 0 and < 1))
        {
            problems.Add($"intervals: found a coverage of {Coverage}, expected a share between 0 and 1, such as 0.9");
        }

        if (pipeline.Estimator.Kind.IsClassifier())
        {
            problems.Add($"intervals: {pipeline.Estimator.Kind} predicts probabilities, not numbers; leave it out");
        }

        if (pipeline.Estimator.Stream || (pipeline.Validation.Share == 0 && pipeline.Validation.Time is null))
        {
            problems.Add("intervals: no rows are held out to make them from; set validation.share, and do not stream");
        }

        if (pipeline.Offset is not null && Method == IntervalMethod.Quantiles)
        {
            problems.Add("intervals: quantiles take no offset; use the method errors");
        }
    }
}

/// <summary>Intervals as JSON: the coverage, or a member for each property.</summary>
sealed class IntervalDefinitionJson : JsonConverter<IntervalDefinition>
{
    const string Expected = "expected a coverage such as 0.9, or {\"coverage\": 0.9, \"method\": \"quantiles\"}";

    public override IntervalDefinition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new IntervalDefinition(reader.GetDouble());
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException(Expected);
        }

        var (coverage, method) = ((double?)null, IntervalMethod.Errors);
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(ref reader, options)!) // an object is never null
        {
            switch (name)
            {
                case "coverage" when value.ValueKind == JsonValueKind.Number:
                    coverage = value.GetDouble();
                    break;
                case "method" when MethodOf(value) is { } known:
                    method = known;
                    break;
                default:
                    throw new JsonException($"found {name}: {value.GetRawText()}, {Expected}");
            }
        }

        return new IntervalDefinition(coverage ?? throw new JsonException($"found no coverage, {Expected}"), method);
    }

    public override void Write(Utf8JsonWriter writer, IntervalDefinition value, JsonSerializerOptions options)
    {
        if (value.Method == IntervalMethod.Errors)
        {
            writer.WriteNumberValue(value.Coverage);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("coverage", value.Coverage);
        writer.WriteString("method", "quantiles");
        writer.WriteEndObject();
    }

    static IntervalMethod? MethodOf(JsonElement value) => value.ValueKind != JsonValueKind.String ? null : value.GetString() switch
    {
        "errors" => IntervalMethod.Errors,
        "quantiles" => IntervalMethod.Quantiles,
        _ => null,
    };
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>
/// Parameters drawn at random from a study's space, each on its scale, independently; the same for the same study and trial
/// number.
/// Children of a conditional parameter are drawn where the parent's value asks for them.
/// </summary>
static class RandomSuggestion
{
    public static JsonArray Of(JsonObject config, string study, int trialNumber)
    {
        var parameters = new JsonArray();
        foreach (var spec in (config["parameters"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Add(spec, $"{study}#{trialNumber}", parameters);
        }

        return parameters;
    }

    static void Add(JsonObject spec, string seed, JsonArray parameters)
    {
        var name = $"{spec["parameter"]}";
        var place = Fraction($"{seed}/{name}");
        var value = new JsonObject { ["parameter"] = name };
        parameters.Add(value);
        switch ($"{spec["type"]}")
        {
            case "DOUBLE":
                var (least, most) = (Number(spec, "doubleValueSpec", "minValue"), Number(spec, "doubleValueSpec", "maxValue"));
                value["floatValue"] = Scaled(place, least, most, $"{spec["scaleType"]}");
                break;
            case "INTEGER":
                var (from, to) = (Number(spec, "integerValueSpec", "minValue"), Number(spec, "integerValueSpec", "maxValue"));
                var drawn = Math.Floor(Scaled(place, from, to + 1, $"{spec["scaleType"]}"));
                value["intValue"] = $"{(long)Math.Min(drawn, to)}";
                break;
            case "DISCRETE":
                value["floatValue"] = Choose(spec["discreteValueSpec"], place).DeepClone();
                break;
            case "CATEGORICAL":
                value["stringValue"] = Choose(spec["categoricalValueSpec"], place).DeepClone();
                break;
            default:
                throw ServiceException.Invalid($"studyConfig.parameters.{name}.type",
                    "expected DOUBLE, INTEGER, DISCRETE or CATEGORICAL.");
        }

        foreach (var child in (spec["childParameterSpecs"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(child => IsWanted(child, value)))
        {
            Add(child, $"{seed}/{name}", parameters);
        }
    }

    static bool IsWanted(JsonObject child, JsonObject parent)
    {
        var values = (child["parentCategoricalValues"] ?? child["parentDiscreteValues"] ??
            child["parentIntValues"])?["values"] as JsonArray;
        var found = $"{parent["stringValue"] ?? parent["floatValue"] ?? parent["intValue"]}";
        return values is null || values.Any(value => $"{value}" == found);
    }

    static double Scaled(double place, double least, double most, string scale) => scale switch
    {
        "UNIT_LOG_SCALE" when least > 0 => least * Math.Pow(most / least, place),

        // Spreads the top of the range: the logarithmic scale, mirrored.
        "UNIT_REVERSE_LOG_SCALE" when least > 0 => most + least - least * Math.Pow(most / least, 1 - place),
        _ => least + place * (most - least),
    };

    static JsonNode Choose(JsonNode? spec, double place) => spec?["values"] is JsonArray { Count: > 0 } values
        ? values[(int)(place * values.Count)]!
        : throw ServiceException.Invalid("studyConfig.parameters", "a parameter has no values to choose from.");

    static double Number(JsonObject spec, string kind, string name) =>
        double.Parse($"{spec[kind]?[name] ?? 0}", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>0 ≤ f &lt; 1, uniform over texts.</summary>
    static double Fraction(string text) =>
        (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text))) >> 11) * (1.0 / (1UL << 53));
}

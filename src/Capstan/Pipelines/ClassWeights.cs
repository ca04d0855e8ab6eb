using System.Text.Json;
using System.Text.Json.Serialization;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// How much the rows of each class count in learning: <c>new() { ["yes"] = 3 }</c>, or <see cref="Balanced"/>. In a pipeline file
/// <c>{"yes": 3}</c> or <c>"balanced"</c>.
/// </summary>
/// <remarks>
/// A class's weight multiplies the example weights of its rows, in learning and in the validation loss; metrics count rows as they are.
/// Predicted probabilities are those of the classes so weighed: a rare class that counts more is predicted more often.
/// </remarks>
[JsonConverter(typeof(ClassWeightsJson))]
public sealed class ClassWeights
{
    readonly SortedDictionary<string, double> _weights = new(StringComparer.Ordinal);

    /// <summary>All classes have the same weight in all, however many rows they have.</summary>
    public static ClassWeights Balanced { get; } = new() { IsBalanced = true };

    public bool IsBalanced { get; private init; }

    /// <summary>By the class's name as the label column has it; classes that are not named count 1.</summary>
    public IReadOnlyDictionary<string, double> ByName => _weights;

    /// <summary>For a class that is not named, 1.</summary>
    public double this[string name]
    {
        get => _weights.GetValueOrDefault(name, 1);
        init => _weights[name] = value;
    }

    internal static ClassWeights Of(IEnumerable<KeyValuePair<string, double>> weights)
    {
        var result = new ClassWeights();
        foreach (var (name, weight) in weights)
        {
            result._weights[name] = weight;
        }

        return result;
    }

    internal void Check(List<string> problems)
    {
        foreach (var (name, weight) in _weights.Where(each => !(each.Value > 0 && float.IsFinite((float)each.Value) && (float)each.Value > 0)))
        {
            problems.Add($"estimator.classWeights.{name}: found {weight}, expected a number above 0");
        }
    }

    /// <param name="batches">Read where the factors follow from the rows.</param>
    /// <exception cref="PipelineException">A class that is named does not exist.</exception>
    internal ClassFactors FactorsOf(ClassNames classes, IEnumerable<TrainingBatch> batches)
    {
        if (_weights.Keys.FirstOrDefault(name => !classes.Names.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new PipelineException([$"estimator.classWeights.{unknown}: there is no such class; the classes are {classes}"]);
        }

        return IsBalanced
            ? ClassFactors.Balanced(batches, classes.Count)
            : new ClassFactors([.. classes.Names.Select(name => (float)this[name])]);
    }
}

/// <summary>Class weights as JSON: the word, or a member for each class.</summary>
sealed class ClassWeightsJson : JsonConverter<ClassWeights>
{
    const string Balanced = "balanced";

    public override ClassWeights Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() == Balanced
                ? ClassWeights.Balanced
                : throw new JsonException($"found '{reader.GetString()}', expected \"{Balanced}\" or a weight for each class, such as {{ \"yes\": 3 }}");
        }

        return reader.TokenType == JsonTokenType.StartObject
            ? ClassWeights.Of(JsonSerializer.Deserialize<Dictionary<string, double>>(ref reader, options)!) // an object is never null
            : throw new JsonException($"expected \"{Balanced}\" or a weight for each class, such as {{ \"yes\": 3 }}");
    }

    public override void Write(Utf8JsonWriter writer, ClassWeights value, JsonSerializerOptions options)
    {
        if (value.IsBalanced)
        {
            writer.WriteStringValue(Balanced);
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, weight) in value.ByName)
        {
            writer.WriteNumber(name, weight);
        }

        writer.WriteEndObject();
    }
}

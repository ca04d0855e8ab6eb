using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Capstan.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Capstan.Models.OnnxRuntime;

/// <summary>The output that is the prediction, and what its numbers are.</summary>
/// <param name="Columns">Numbers for each row.</param>
/// <param name="Keys">The classes, where the output is a map from class to number for each row.</param>
/// <param name="Classes">Null for a regression.</param>
sealed record ChosenOutput(string Name, OnnxScores Scores, int Columns, IReadOnlyList<string>? Keys, ClassNames? Classes);

/// <summary>Finds the output that is the prediction: by what was said, then by names and operators that converters use.</summary>
sealed class OnnxOutputs(InferenceSession session, OnnxNodes nodes)
{
    static readonly HashSet<string> GivingProbabilities =
        ["Softmax", "Sigmoid", "ZipMap", "Normalizer", "TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier"];

    static readonly HashSet<string> GivingLogits = ["Gemm", "MatMul", "Add", "LogSoftmax"];

    /// <exception cref="ArgumentException">No output is a prediction, or it is not clear which one, or what it means.</exception>
    public ChosenOutput Choose(OnnxOptions options)
    {
        var name = options.Output ?? Find();
        if (!session.OutputMetadata.TryGetValue(name, out var metadata))
        {
            throw new ArgumentException($"It has no output '{name}'; its outputs are {Listed()}.");
        }

        var isMap = IsMap(name, metadata);
        if (!isMap && !IsNumbers(metadata))
        {
            throw new ArgumentException(
                $"Its output {Text(name, metadata)} is no numbers for each row; its outputs are {Listed()}.");
        }

        var (known, areNumbers) = KnownClasses(name, options);
        var columns = isMap ? known.Length : ColumnsOf(name, metadata, known.Length);
        var scores = options.Scores ?? ScoresOf(name, isMap, columns, options.Classes.Count > 0);
        if (scores == OnnxScores.Value)
        {
            return columns == 1
                ? new ChosenOutput(name, scores, 1, null, null)
                : throw new ArgumentException(
                    $"Its output {Text(name, metadata)} has {columns} values for each row; a regression has one.");
        }

        var classes = ClassesOf(known, areNumbers, Math.Max(columns, 2), options.Classes.Count > 0);
        return new ChosenOutput(name, scores, columns, isMap ? known : null, classes);
    }

    string Find()
    {
        string[] names =
        [
            .. session.OutputNames.Where(
                name => IsNumbers(session.OutputMetadata[name]) || IsMap(name, session.OutputMetadata[name])),
        ];
        if (names.Length == 0)
        {
            throw new ArgumentException(
                session.OutputNames.Count == 0 ? "It has no output."
                : $"None of its outputs is a number for each row or more: {Listed()}.");
        }

        if (IsOurs)
        {
            return names[0]; // scores, which are exact; probabilities follow
        }

        string[] probabilities = [.. names.Where(name => name.Contains("prob", StringComparison.OrdinalIgnoreCase))];
        string[] maps = [.. names.Where(name => IsMap(name, session.OutputMetadata[name]))];
        string[] fractions = [.. names.Where(name => IsFractions(session.OutputMetadata[name]))];
        string[] scores = [.. fractions.Where(name => name.Contains("score", StringComparison.OrdinalIgnoreCase))];
        foreach (var found in new[] { probabilities, maps, fractions, scores, names })
        {
            if (found.Length == 1)
            {
                return found[0];
            }
        }

        throw new ArgumentException($"It is not clear which of its outputs is the prediction: {Listed()}. Name it (--predicts).");
    }

    bool IsOurs => session.ModelMetadata.CustomMetadataMap.ContainsKey(OnnxModelExport.LabelKey);

    OnnxScores ScoresOf(string name, bool isMap, int columns, bool areClassesNamed)
    {
        if (IsOurs)
        {
            return name.StartsWith("prob", StringComparison.Ordinal) ? OnnxScores.Probabilities
                : session.ModelMetadata.CustomMetadataMap.ContainsKey(OnnxModelExport.ClassesKey) ? OnnxScores.Logits
                : OnnxScores.Value;
        }

        var operation = nodes.OperatorOf(name) ?? "";
        return isMap || name.Contains("prob", StringComparison.OrdinalIgnoreCase) || GivingProbabilities.Contains(operation)
            ? OnnxScores.Probabilities
            : columns == 1 && !areClassesNamed ? OnnxScores.Value
            : GivingLogits.Contains(operation) ? OnnxScores.Logits
            : throw new ArgumentException(
                $"It is not clear whether its output '{name}' gives logits or probabilities; say so (--scores).");
    }

    (ImmutableArray<string> Names, bool AreNumbers) KnownClasses(string name, OnnxOptions options)
    {
        if (options.Classes.Count > 0)
        {
            return ([.. options.Classes], options.Classes.All(each => long.TryParse(each, CultureInfo.InvariantCulture, out _)));
        }

        if (session.ModelMetadata.CustomMetadataMap.TryGetValue(OnnxModelExport.ClassesKey, out var json))
        {
            var type = session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(OnnxModelExport.ClassTypeKey);
            return ([.. JsonSerializer.Deserialize(json, TextsJson.Default.StringArray) ?? []], type is "int" or "number");
        }

        return nodes.ClassesOf(name);
    }

    static ClassNames ClassesOf(ImmutableArray<string> known, bool areNumbers, int count, bool areGiven)
    {
        if (known.Length == count)
        {
            var type = known is ["false", "true"] ? DataType.Boolean : areNumbers ? DataType.Int64 : DataType.Text;
            return new ClassNames([.. known], type);
        }

        return areGiven
            ? throw new ArgumentException(
                $"There are {known.Length} names of classes ({string.Join(", ", known)}), and its output tells {count} apart.")
            : new ClassNames(
                [.. Enumerable.Range(0, count).Select(index => index.ToString(CultureInfo.InvariantCulture))], DataType.Int64);
    }

    /// <summary>A sequence of maps from class to number, as scikit-learn's converter writes probabilities.</summary>
    bool IsMap(string name, NodeMetadata metadata) =>
        metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_SEQUENCE && nodes.OperatorOf(name) == "ZipMap";

    static bool IsNumbers(NodeMetadata metadata) => metadata.IsTensor
        && metadata.Dimensions.Length is 1 or 2
        && (IsFractions(metadata) || metadata.ElementDataType is TensorElementType.Int64 or TensorElementType.Int32);

    static bool IsFractions(NodeMetadata metadata) => metadata.IsTensor && metadata.Dimensions.Length is 1 or 2
        && metadata.ElementDataType is TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16;

    static int ColumnsOf(string name, NodeMetadata metadata, int classes) => metadata.Dimensions switch
    {
        [> 1 and var count] => count,
        [_] => 1,
        [_, > 0 and var count] => count,
        _ when classes >= 2 => classes,
        _ => throw new ArgumentException(
            $"It does not say how many numbers its output {Text(name, metadata)} has for each row; name the classes (--classes)."),
    };

    string Listed() => string.Join(", ", session.OutputMetadata.Select(output => Text(output.Key, output.Value)));

    static string Text(string name, NodeMetadata metadata) => metadata.IsTensor
        ? $"'{name}' {metadata.ElementDataType.ToString().ToLowerInvariant()}" +
            $"[{string.Join(", ", metadata.Dimensions.Select(size => size < 0 ? "?" : size.ToString(CultureInfo.InvariantCulture)))}]"
        : $"'{name}' ({metadata.OnnxValueType})";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
sealed partial class TextsJson : System.Text.Json.Serialization.JsonSerializerContext;

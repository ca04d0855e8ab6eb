using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes answers of the Open Inference Protocol, version 2 over REST. Outputs are "prediction" of a regression; "probability" and "label" of
/// a classifier, and of more than two classes "probabilities" [rows, classes]. Not thread-safe.
/// </summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md.</remarks>
sealed class TensorWriter(IServedModel model, PredictionWriter checks) : IDisposable
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly ImmutableArray<string> _outputs = OutputsOf(model);
    readonly int _width = model.Output.Width;
    Utf8JsonWriter? _json;

    /// <summary>A model's outputs, in the order in which they are answered.</summary>
    public static ImmutableArray<string> OutputsOf(IServedModel model) => model.Labels is null ? ["prediction"]
        : model.Output.Width > 1 ? ["probability", "label", "probabilities"] : ["probability", "label"];

    /// <summary>Adds an output to those that a request wants, each of which is answered once.</summary>
    /// <exception cref="RefusedRequestException">It is wanted already, or too many are.</exception>
    public static ImmutableArray<string> Want(ImmutableArray<string> wanted, string output)
    {
        const int MostOutputs = 8;
        return wanted.Length < MostOutputs && !wanted.Contains(output)
            ? wanted.Add(output)
            : throw new RefusedRequestException(RequestProblems.TooManyOutputs(output));
    }

    /// <summary>The type that an output is described with.</summary>
    public static string TypeOf(IServedModel model, string output) => output != "label" ? "FP32" : model.Labels!.Type switch // A label is a classifier's.
    {
        DataType.Int64 => "INT64",
        DataType.Float64 => "FP64",
        DataType.Boolean => "BOOL",
        _ => "BYTES",
    };

    /// <param name="predictions">[rows × predictions each].</param>
    /// <param name="version">Who answers.</param>
    /// <param name="wanted">The outputs to answer; empty answers all.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">There is no such output, or a prediction is not finite.</exception>
    public ReadOnlyMemory<byte> Write(ReadOnlySpan<float> predictions, string version, string id, ImmutableArray<string> wanted)
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        json.Reset();
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, version);
        json.WriteString("id"u8, id);
        json.WriteStartArray("outputs"u8);
        foreach (var output in wanted.IsEmpty ? _outputs : wanted)
        {
            if (!_outputs.Contains(output))
            {
                throw new RefusedRequestException(RequestProblems.UnknownOutput(output, _outputs));
            }

            WriteOutput(json, output, predictions);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return _bytes.WrittenMemory;
    }

    public void Dispose() => _json?.Dispose();

    void WriteOutput(Utf8JsonWriter json, string output, ReadOnlySpan<float> predictions)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, output);
        json.WriteString("datatype"u8, TypeOf(model, output));
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(predictions.Length / _width);
        if (output == "probabilities")
        {
            json.WriteNumberValue(_width);
        }

        json.WriteEndArray();
        json.WriteStartArray("data"u8);
        for (var row = 0; row * _width < predictions.Length; row++)
        {
            var own = predictions.Slice(row * _width, _width);
            switch (output)
            {
                case "label":
                    json.WriteRawValue(model.Labels!.Json(ModelOutput.LikeliestClass(own)), skipInputValidation: true); // A classifier's.
                    break;
                case "probabilities":
                    foreach (var probability in own)
                    {
                        json.WriteNumberValue(Finite(probability, row));
                    }

                    break;
                default:
                    json.WriteNumberValue(Finite(own.Length == 1 ? own[0] : own[ModelOutput.LikeliestClass(own)], row));
                    break;
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    float Finite(float number, int row)
    {
        if (!float.IsFinite(number))
        {
            checks.RefuseNotFinite(row, number);
        }

        return number;
    }
}

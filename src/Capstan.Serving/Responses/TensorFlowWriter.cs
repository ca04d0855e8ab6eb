using System.Buffers;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes what clients of TensorFlow Serving expect beside "predictions": <c>{"outputs":…}</c> by column, <c>{"result":…}</c> of
/// <c>:classify</c> and <c>:regress</c>. Not thread-safe.
/// </summary>
/// <remarks>Source: tensorflow/serving, g3doc/api_rest.md.</remarks>
sealed class TensorFlowWriter(IServedModel model, PredictionWriter checks) : IDisposable
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly int _width = model.Output.Width;
    Utf8JsonWriter? _json;

    /// <summary>A regression has one output, which therefore goes without a name; a classifier's are "probability" and "label".</summary>
    /// <param name="predictions">[rows × predictions each].</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public ReadOnlyMemory<byte> WriteOutputs(ReadOnlySpan<float> predictions)
    {
        var json = Begin();
        if (model.Labels is null)
        {
            json.WritePropertyName("outputs"u8);
            WriteNumbers(json, predictions);
            return End(json);
        }

        json.WriteStartObject("outputs"u8);
        json.WriteStartArray("probability"u8);
        for (var row = 0; row * _width < predictions.Length; row++)
        {
            json.WriteNumberValue(Probability(predictions.Slice(row * _width, _width), row));
        }

        json.WriteEndArray();
        json.WriteStartArray("label"u8);
        for (var row = 0; row * _width < predictions.Length; row++)
        {
            json.WriteRawValue(
                model.Labels.Json(ModelOutput.LikeliestClass(predictions.Slice(row * _width, _width))), skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return End(json);
    }

    /// <summary>Of each row the classes with their probabilities: <c>{"result":[[["late",0.8],["on time",0.2]]]}</c>.</summary>
    /// <exception cref="RefusedRequestException">The model is no classifier.</exception>
    public ReadOnlyMemory<byte> WriteClasses(ReadOnlySpan<float> predictions)
    {
        var labels = model.Labels ?? throw new RefusedRequestException(RequestProblems.NotClassifier(model.Name));
        var json = Begin();
        json.WriteStartArray("result"u8);
        for (var row = 0; row * _width < predictions.Length; row++)
        {
            var own = predictions.Slice(row * _width, _width);
            json.WriteStartArray();
            for (var label = 0; label < labels.Count; label++)
            {
                // Of two classes the positive one's is predicted; the other has the rest.
                var probability = _width > 1 ? own[label] : label == 1 ? own[0] : 1 - own[0];
                json.WriteStartArray();
                json.WriteStringValue(labels.EncodedNames[label]);
                json.WriteNumberValue(Finite(probability, row));
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        return End(json);
    }

    /// <summary>A number for each row: <c>{"result":[10.5,7]}</c>.</summary>
    /// <exception cref="RefusedRequestException">The model is a classifier.</exception>
    public ReadOnlyMemory<byte> WriteValues(ReadOnlySpan<float> predictions)
    {
        if (model.Labels is not null)
        {
            throw new RefusedRequestException(RequestProblems.NotRegressor(model.Name));
        }

        var json = Begin();
        json.WritePropertyName("result"u8);
        WriteNumbers(json, predictions);
        return End(json);
    }

    public void Dispose() => _json?.Dispose();

    void WriteNumbers(Utf8JsonWriter json, ReadOnlySpan<float> predictions)
    {
        json.WriteStartArray();
        for (var row = 0; row < predictions.Length; row++)
        {
            json.WriteNumberValue(Finite(predictions[row], row));
        }

        json.WriteEndArray();
    }

    float Probability(ReadOnlySpan<float> own, int row) =>
        Finite(own.Length == 1 ? own[0] : own[ModelOutput.LikeliestClass(own)], row);

    float Finite(float number, int row)
    {
        if (!float.IsFinite(number))
        {
            checks.RefuseNotFinite(row, number);
        }

        return number;
    }

    Utf8JsonWriter Begin()
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        json.Reset();
        json.WriteStartObject();
        return json;
    }

    ReadOnlyMemory<byte> End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        return _bytes.WrittenMemory;
    }
}

using System.Buffers;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes <c>{"predictions":[…]}</c>: numbers for a regression, <c>{"probability":0.83,"label":"late"}</c> for a classifier,
/// where the label is the positive one from a probability of one half on. Numbers are the shortest text that parses back to
/// the same float. Allocates nothing once it has written its largest answer. Not thread-safe.
/// </summary>
sealed class PredictionWriter(IServedModel model) : IDisposable
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly ClassLabels? _labels = model.Task == ModelTask.BinaryClassification ? model.Labels : null;
    Utf8JsonWriter? _json;

    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public ReadOnlyMemory<byte> Write(ReadOnlySpan<float> predictions)
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        json.Reset();
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        for (var row = 0; row < predictions.Length; row++)
        {
            if (!float.IsFinite(predictions[row]))
            {
                RefuseNotFinite(row, predictions[row]);
            }

            WritePrediction(json, predictions[row]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return _bytes.WrittenMemory;
    }

    public void Dispose() => _json?.Dispose();

    void WritePrediction(Utf8JsonWriter json, float prediction)
    {
        if (_labels is null)
        {
            json.WriteNumberValue(prediction);
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("probability"u8, prediction);
        json.WritePropertyName("label"u8);
        json.WriteRawValue(prediction >= 0.5f ? _labels.PositiveJson : _labels.NegativeJson, skipInputValidation: true);
        json.WriteEndObject();
    }

    void RefuseNotFinite(int instance, float prediction) => throw new RefusedRequestException(new Problem(
        500, "prediction_not_finite", "A prediction is not a finite number",
        $"Instance {instance}: model '{model.Name}' predicted {prediction}, which JSON can't hold. The instance's " +
        $"values may be far beyond " +
        "those of the training data; if not, the model is broken and should be trained again.", instance));
}

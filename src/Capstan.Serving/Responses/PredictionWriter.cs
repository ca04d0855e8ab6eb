using System.Buffers;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes <c>{"predictions":[…]}</c>: numbers for a regression, <c>{"probability":0.83,"label":"late"}</c> for a classifier of
/// two classes, where the probability is the positive one's and the label is that from one half on. Of more classes the
/// probability is the label's, the likeliest, and <c>"probabilities":{"red":0.7,…}</c> are all of them. Numbers are the shortest
/// text that parses back to the same float. Where a model has intervals, <c>"intervals":[{"lower":10.25,"upper":22.5},…]</c> follows,
/// one for each prediction. Allocates nothing once it has written its largest answer. Not thread-safe.
/// </summary>
sealed class PredictionWriter(IServedModel model) : IDisposable
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly ClassLabels? _labels = model.Labels;
    readonly int _width = model.Output.Width;
    Utf8JsonWriter? _json;

    /// <param name="predictions">[instances × predictions each].</param>
    /// <param name="bounds">[instances × 2] where intervals begin and end; empty for none.</param>
    /// <param name="answering">Who answers, where the answer's body has to say it.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public ReadOnlyMemory<byte> Write(
        ReadOnlySpan<float> predictions, ReadOnlySpan<float> bounds = default, in AnsweringModel? answering = null)
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        json.Reset();
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        for (var first = 0; first < predictions.Length; first += _width)
        {
            Write(json, predictions.Slice(first, _width), first / _width);
        }

        json.WriteEndArray();
        if (model.HasIntervals)
        {
            WriteIntervals(json, bounds);
        }

        answering?.Write(json, model.Name);

        json.WriteEndObject();
        json.Flush();
        return _bytes.WrittenMemory;
    }

    /// <summary>Each instance's prediction is a line by itself.</summary>
    /// <param name="first">The number of the first instance, for messages.</param>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public ReadOnlyMemory<byte> WriteLines(ReadOnlySpan<float> predictions, int first)
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        for (var start = 0; start < predictions.Length; start += _width)
        {
            json.Reset();
            Write(json, predictions.Slice(start, _width), first + start / _width);
            json.Flush();
            _bytes.Write("\n"u8);
        }

        return _bytes.WrittenMemory;
    }

    public void Dispose() => _json?.Dispose();

    /// <summary>Writes what is predicted for one instance.</summary>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public void Write(Utf8JsonWriter json, ReadOnlySpan<float> predictions, int instance)
    {
        foreach (var prediction in predictions)
        {
            if (!float.IsFinite(prediction))
            {
                RefuseNotFinite(instance, prediction);
            }
        }

        if (_labels is null)
        {
            json.WriteNumberValue(predictions[0]);
            return;
        }

        var likeliest = ModelOutput.LikeliestClass(predictions);
        json.WriteStartObject();
        json.WriteNumber("probability"u8, predictions.Length == 1 ? predictions[0] : predictions[likeliest]);
        json.WritePropertyName("label"u8);
        json.WriteRawValue(_labels.Json(likeliest), skipInputValidation: true);
        if (predictions.Length > 1)
        {
            json.WriteStartObject("probabilities"u8);
            for (var index = 0; index < predictions.Length; index++)
            {
                json.WriteNumber(_labels.EncodedNames[index], predictions[index]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    void WriteIntervals(Utf8JsonWriter json, ReadOnlySpan<float> bounds)
    {
        json.WriteStartArray("intervals"u8);
        for (var end = 0; end < bounds.Length; end += 2)
        {
            if (!float.IsFinite(bounds[end]) || !float.IsFinite(bounds[end + 1]))
            {
                RefuseNotFinite(end / 2, float.IsFinite(bounds[end]) ? bounds[end + 1] : bounds[end]);
            }

            json.WriteStartObject();
            json.WriteNumber("lower"u8, bounds[end]);
            json.WriteNumber("upper"u8, bounds[end + 1]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public void RefuseNotFinite(int instance, float prediction) => throw new RefusedRequestException(new Problem(
        500, "prediction_not_finite", "A prediction is not a finite number",
        $"Instance {instance}: model '{model.Name}' predicted {prediction}, which JSON can't hold. The instance's " +
        $"values may be far beyond " +
        "those of the training data; if not, the model is broken and should be trained again.", instance));
}

using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Writes <c>{"explanations":[{"prediction":…,"score":…,"baseScore":…,"attributions":{"distance":0.7,…}},…]}</c>: the prediction
/// as <see cref="PredictionWriter"/> has it, then the score behind it (of more than two classes the label's), and what each
/// raw column adds to the base score to make it. Attributions are rounded to single precision. Allocates nothing once it has
/// written its largest answer. Not thread-safe.
/// </summary>
sealed class ExplanationWriter(IServedModel model, ImmutableArray<string> columns, PredictionWriter predictions) : IDisposable
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly ImmutableArray<JsonEncodedText> _columns =
        [.. columns.Select(name => JsonEncodedText.Encode(name, ResponseJson.Options.Encoder))];

    readonly int _width = model.Output.Width;
    readonly float[] _predictions = new float[model.Output.Width];
    Utf8JsonWriter? _json;

    /// <param name="scores">[instances × scores].</param>
    /// <param name="baseScores">[scores].</param>
    /// <param name="attributions">[instances × scores × columns].</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite: JSON can't say it.</exception>
    public ReadOnlyMemory<byte> Write(
        ReadOnlySpan<float> scores, ReadOnlySpan<double> baseScores, ReadOnlySpan<double> attributions)
    {
        _bytes.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(_bytes, ResponseJson.Options);
        json.Reset();
        json.WriteStartObject();
        json.WriteStartArray("explanations"u8);
        for (var instance = 0; instance * _width < scores.Length; instance++)
        {
            var own = scores.Slice(instance * _width, _width);
            own.CopyTo(_predictions);
            model.Output.ToPredictions(_predictions);
            var explained = _width == 1 ? 0 : ModelOutput.LikeliestClass(_predictions);
            json.WriteStartObject();
            json.WritePropertyName("prediction"u8);
            predictions.Write(json, _predictions, instance);
            json.WriteNumber("score"u8, Finite(own[explained], instance));
            json.WriteNumber("baseScore"u8, Finite((float)baseScores[explained], instance));
            Write(json, attributions.Slice((instance * _width + explained) * _columns.Length, _columns.Length), instance);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return _bytes.WrittenMemory;
    }

    public void Dispose() => _json?.Dispose();

    float Finite(float number, int instance)
    {
        if (!float.IsFinite(number))
        {
            predictions.RefuseNotFinite(instance, number);
        }

        return number;
    }

    void Write(Utf8JsonWriter json, ReadOnlySpan<double> attributions, int instance)
    {
        json.WriteStartObject("attributions"u8);
        for (var column = 0; column < attributions.Length; column++)
        {
            json.WriteNumber(_columns[column], Finite((float)attributions[column], instance));
        }

        json.WriteEndObject();
    }
}

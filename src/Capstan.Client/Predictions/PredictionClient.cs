using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Client;

/// <summary>
/// Predictions of one model for objects of the application's own types, without reflection. Thread-safe.
/// </summary>
/// <typeparam name="TInput">A row as it was collected; its JSON names are the model's columns.</typeparam>
/// <typeparam name="TOutput">A prediction: <c>double</c> for a regression; for classes an object with the members of the
/// answer.</typeparam>
/// <param name="model">The model's name in the connection's project.</param>
/// <param name="version">Null: whatever the default version is.</param>
public sealed class PredictionClient<TInput, TOutput>(
    CapstanConnection connection, string model, string? version, JsonTypeInfo<TInput> inputType, JsonTypeInfo<TOutput> outputType)
{
    readonly string _path = $"v1/{connection.Project}/models/{Uri.EscapeDataString(model)}" +
        (version is null ? "" : $"/versions/{Uri.EscapeDataString(version)}");

    /// <summary>Predicts one row.</summary>
    /// <exception cref="CapstanServiceException">The server refused the row, or has no such model.</exception>
    /// <exception cref="HttpRequestException">The server can't be reached.</exception>
    public async Task<TOutput> PredictAsync(TInput input, CancellationToken cancellationToken) =>
        (await PredictAsync([input], cancellationToken))[0];

    /// <summary>Predicts rows; asking twice changes nothing, so a busy server is asked again.</summary>
    /// <returns>[inputs.Count] in the order of the inputs.</returns>
    /// <inheritdoc cref="PredictAsync(TInput, CancellationToken)" path="/exception"/>
    public async Task<TOutput[]> PredictAsync(IReadOnlyList<TInput> inputs, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("instances");
            foreach (var input in inputs)
            {
                JsonSerializer.Serialize(writer, input, inputType);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        var answer = await connection.SendAsync(
            HttpMethod.Post, $"{_path}:predict", body.WrittenMemory, "application/json", mayRepeat: true, cancellationToken);
        using var document = JsonDocument.Parse(answer);
        var predictions = document.RootElement.GetProperty("predictions");
        if (predictions.GetArrayLength() != inputs.Count)
        {
            throw new CapstanServiceException(200, "UNKNOWN",
                $"{inputs.Count} rows were sent and {predictions.GetArrayLength()} predictions came back.");
        }

        return [.. predictions.EnumerateArray()
            .Select(prediction => prediction.Deserialize(outputType)!)]; // null where TOutput may be
    }
}

using System.Buffers;
using System.Text.Json;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>Writes what an experiment says so far.</summary>
static class ExperimentWriter
{
    public static async Task<byte[]> WriteAsync(string model, Experiment experiment, CancellationToken cancellationToken)
    {
        var (versions, comparisons) = await experiment.CompareAsync(cancellationToken);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteNumber("confidence"u8, Experiment.Confidence);
            json.WriteStartArray("versions"u8);
            foreach (var version in versions)
            {
                Write(json, version);
            }

            json.WriteEndArray();
            json.WriteStartArray("comparisons"u8);
            foreach (var comparison in comparisons)
            {
                json.WriteStartObject();
                json.WriteString("version"u8, comparison.Version);
                json.WriteString("baseline"u8, versions[0].Version);
                Write(json, "outcome"u8, comparison.Outcome, comparison.OutcomeP);
                Write(json, "loss"u8, comparison.Loss, comparison.LossP);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    static void Write(Utf8JsonWriter json, VersionQuality version)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, version.Version);
        json.WriteNumber("exposures"u8, version.Exposures);
        json.WriteNumber("outcomes"u8, version.Outcomes.Count);
        Write(json, "meanOutcome"u8, version.Outcomes);
        Write(json, "meanLoss"u8, version.Losses);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, in OutcomeMoments moments)
    {
        if (moments.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("value"u8, moments.Mean);
        if (SequentialTest.HalfWidth(moments, Experiment.Confidence) is var width && double.IsFinite(width))
        {
            json.WriteNumber("low"u8, moments.Mean - width);
            json.WriteNumber("high"u8, moments.Mean + width);
        }

        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, SequentialComparison? comparison, double p)
    {
        if (comparison is not { } known)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("difference"u8, known.Difference);
        json.WriteNumber("low"u8, known.Low);
        json.WriteNumber("high"u8, known.High);
        json.WriteNumber("p"u8, p);
        json.WriteBoolean("significant"u8, p <= 1 - Experiment.Confidence);
        json.WriteEndObject();
    }
}

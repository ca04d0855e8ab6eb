using System.Buffers;
using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>Describes a model to a caller: what it takes, what it answers, and a request that works as it stands.</summary>
static class SignatureWriter
{
    public static byte[] Write(IServedModel model, ServedRoute route, string origin) => ToBytes(json =>
    {
        WriteHead(model, json);
        StatusWriter.WriteMembers(json, route.Versions);
        json.WriteStartArray("inputs"u8);
        foreach (var field in model.Inputs.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, field.Name);
            json.WriteString("type"u8, Schema.NameOf(field.Type));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("unusedColumns"u8);
        foreach (var name in model.UnusedColumns)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WritePropertyName("output"u8);
        WriteOutput(model, json);
        json.WriteString("predict"u8, $"{origin}/v1/models/{model.Name}:predict");
        json.WritePropertyName("example"u8);
        InstanceWriter.Write(model.Examples, 0, 1, json);
        json.WriteString("curl"u8, CurlLine(model, origin));
        json.WriteEndObject();
    });

    /// <summary>The models, each as its default version; a version that is not loaded now is named, but not described.</summary>
    public static byte[] WriteList(IEnumerable<ServedRoute> routes) => ToBytes(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (var route in routes)
        {
            if (route.Default?.Loaded is { } slot)
            {
                WriteHead(slot.Model, json);
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("name"u8, route.Name);
                json.WriteString("state"u8, route.Default is null ? "NO_VERSION"u8 : "UNLOADED"u8);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void WriteHead(IServedModel model, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, model.Name);
        json.WriteString("version"u8, model.Version);
        json.WriteString("state"u8, "AVAILABLE"u8);
        json.WriteString("task"u8, model.Output.Task switch
        {
            ModelTask.Regression => "regression"u8,
            ModelTask.BinaryClassification => "binary_classification"u8,
            _ => "multiclass_classification"u8,
        });
    }

    static void WriteOutput(IServedModel model, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (model.Labels is not { } labels)
        {
            json.WriteString("type"u8, "number"u8);
            json.WriteString("meaning"u8, "the predicted value, one for each instance in order"u8);
            json.WriteEndObject();
            return;
        }

        json.WriteString("type"u8, "object"u8);
        if (labels.Count == 2)
        {
            json.WriteString("probability"u8, $"the probability of '{labels.Names[1]}', from 0 to 1");
            json.WriteString("label"u8, $"'{labels.Names[1]}' from a probability of 0.5 on, otherwise '{labels.Names[0]}'");
        }
        else
        {
            json.WriteString("probability"u8, "the probability of the label, from 0 to 1"u8);
            json.WriteString("label"u8, "the likeliest of the labels"u8);
            json.WriteString("probabilities"u8, "that of every label, by its name"u8);
        }

        json.WriteStartArray("labels"u8);
        for (var index = 0; index < labels.Count; index++)
        {
            json.WriteRawValue(labels.Json(index), skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>
    /// A line for a shell: the body stands in single quotes, so a quote in it ends them, is escaped, and opens them again.
    /// </summary>
    static string CurlLine(IServedModel model, string origin)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(model.Examples, 0, 1, body);
        return $"curl -s {origin}/v1/models/{model.Name}:predict -d " +
            $"'{Encoding.UTF8.GetString(body.WrittenSpan).Replace("'", "'\\''")}'";
    }

    static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            write(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}

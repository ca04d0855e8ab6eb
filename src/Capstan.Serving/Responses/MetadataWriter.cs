using System.Buffers;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>Describes models and the server to clients of other systems, in those systems' own form.</summary>
static class MetadataWriter
{
    public const string ServerName = "capstan";

    public static string ServerVersion { get; } = typeof(MetadataWriter).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>What TensorFlow Serving answers at <c>/metadata</c>: the signature, every input a vector of unknown length.</summary>
    public static byte[] WriteTensorFlow(IServedModel model, string version) => ToBytes(json =>
    {
        json.WriteStartObject("model_spec"u8);
        json.WriteString("name"u8, model.Name);
        json.WriteString("signature_name"u8, ""u8);
        json.WriteString("version"u8, version);
        json.WriteEndObject();
        json.WriteStartObject("metadata"u8);
        json.WriteStartObject("signature_def"u8);
        json.WriteStartObject("signature_def"u8);
        json.WriteStartObject(InstanceReader.SignatureName);
        json.WriteStartObject("inputs"u8);
        foreach (var field in model.Inputs.Fields)
        {
            WriteTensor(json, field.Name, field.Type switch
            {
                DataType.Float64 => "DT_DOUBLE",
                DataType.Int64 => "DT_INT64",
                DataType.Boolean => "DT_BOOL",
                _ => "DT_STRING",
            });
        }

        json.WriteEndObject();
        json.WriteStartObject("outputs"u8);
        foreach (var output in TensorWriter.OutputsOf(model))
        {
            WriteTensor(json, output, TensorWriter.TypeOf(model, output) switch
            {
                "FP32" => "DT_FLOAT",
                "FP64" => "DT_DOUBLE",
                "INT64" => "DT_INT64",
                "BOOL" => "DT_BOOL",
                _ => "DT_STRING",
            });
        }

        json.WriteEndObject();
        json.WriteString("method_name"u8, "tensorflow/serving/predict"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>What the Open Inference Protocol answers at <c>/v2/models/NAME</c>.</summary>
    public static byte[] WriteInference(IServedModel model, IEnumerable<string> versions) => ToBytes(json =>
    {
        json.WriteString("name"u8, model.Name);
        json.WriteStartArray("versions"u8);
        foreach (var version in versions)
        {
            json.WriteStringValue(version);
        }

        json.WriteEndArray();
        json.WriteString("platform"u8, ServerName);
        json.WriteStartArray("inputs"u8);
        foreach (var field in model.Inputs.Fields)
        {
            WriteInferenceTensor(json, field.Name, TensorTypes.Of(field.Type), 1);
        }

        json.WriteEndArray();
        json.WriteStartArray("outputs"u8);
        foreach (var output in TensorWriter.OutputsOf(model))
        {
            WriteInferenceTensor(json, output, TensorWriter.TypeOf(model, output), output == "probabilities" ? model.Output.Width : 1);
        }

        json.WriteEndArray();
    });

    /// <summary>What the Open Inference Protocol answers at <c>/v2</c>.</summary>
    public static byte[] WriteServer() => ToBytes(json =>
    {
        json.WriteString("name"u8, ServerName);
        json.WriteString("version"u8, ServerVersion);
        json.WriteStartArray("extensions"u8);
        json.WriteEndArray();
    });

    public static byte[] WriteReady(string model, bool ready) => ToBytes(json =>
    {
        json.WriteString("name"u8, model);
        json.WriteBoolean("ready"u8, ready);
    });

    static void WriteTensor(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype"u8, type);
        json.WriteStartObject("tensor_shape"u8);
        json.WriteStartArray("dim"u8);
        json.WriteStartObject();
        json.WriteString("size"u8, "-1"u8);
        json.WriteString("name"u8, ""u8);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("unknown_rank"u8, false);
        json.WriteEndObject();
        json.WriteString("name"u8, name);
        json.WriteEndObject();
    }

    static void WriteInferenceTensor(Utf8JsonWriter json, string name, string type, int width)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("datatype"u8, type);
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(-1);
        if (width > 1)
        {
            json.WriteNumberValue(width);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}

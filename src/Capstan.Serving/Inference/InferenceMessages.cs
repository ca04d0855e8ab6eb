namespace Capstan.Serving;

/// <summary>Describes models and the server in the messages of the Open Inference Protocol.</summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/open_inference_grpc.proto.</remarks>
static class InferenceMessages
{
    /// <summary>A message whose one field says yes: live, or ready.</summary>
    public static void WriteTrue(ProtobufWriter message) => message.WriteBoolean(1, true);

    /// <summary>The same for no, which proto3 leaves out.</summary>
    public static void WriteFalse(ProtobufWriter message)
    {
    }

    /// <summary>ServerMetadataResponse.</summary>
    public static void WriteServer(ProtobufWriter message)
    {
        message.WriteText(1, MetadataWriter.ServerName);
        message.WriteText(2, MetadataWriter.ServerVersion);
    }

    /// <summary>ModelMetadataResponse.</summary>
    public static void WriteModel(ProtobufWriter message, IServedModel model, IEnumerable<string> versions)
    {
        const int Inputs = 4;
        const int Outputs = 5;
        message.WriteText(1, model.Name);
        foreach (var version in versions)
        {
            message.WriteText(2, version);
        }

        message.WriteText(3, MetadataWriter.ServerName);
        foreach (var field in model.Inputs.Fields)
        {
            var isList = field.Type == Data.DataType.TextList;
            WriteTensor(message, Inputs, field.Name, TensorTypes.Of(field.Type), isList ? [-1, -1] : [-1]);
        }

        foreach (var output in TensorWriter.OutputsOf(model))
        {
            WriteTensor(
                message, Outputs, output, TensorWriter.TypeOf(model, output),
                output == "probabilities" ? [-1, model.Output.Width] : [-1]);
        }
    }

    static void WriteTensor(ProtobufWriter message, int field, string name, string type, ReadOnlySpan<long> shape)
    {
        var tensor = message.Begin(field);
        message.WriteText(1, name);
        message.WriteText(2, type);
        var sizes = message.Begin(3);
        foreach (var size in shape)
        {
            message.WriteVarint((ulong)size);
        }

        message.End(sizes);
        message.End(tensor);
    }
}

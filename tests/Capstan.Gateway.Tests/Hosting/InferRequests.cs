using System.Text.Json;
using Google.Protobuf;
using Inference;

namespace Capstan.Gateway.Tests.Hosting;

/// <summary>Requests over gRPC that ask what requests over HTTP ask.</summary>
static class InferRequests
{
    /// <param name="metadata">What the model says of its inputs.</param>
    /// <param name="body"><c>{"instances":[{…}]}</c> of one instance without lists.</param>
    public static ModelInferRequest Of(ModelMetadataResponse metadata, string body)
    {
        var instance = JsonDocument.Parse(body).RootElement.GetProperty("instances")[0];
        var request = new ModelInferRequest { ModelName = metadata.Name };
        foreach (var input in metadata.Inputs)
        {
            var value = instance.GetProperty(input.Name);
            var isMissing = value.ValueKind == JsonValueKind.Null;
            var tensor = new ModelInferRequest.Types.InferInputTensor
            {
                Name = input.Name, Datatype = input.Datatype, Shape = { 1 }, Contents = input.Datatype switch
                {
                    "FP64" => new InferTensorContents { Fp64Contents = { isMissing ? 0 : value.GetDouble() } },
                    "INT64" => new InferTensorContents { Int64Contents = { isMissing ? 0 : value.GetInt64() } },
                    "BOOL" => new InferTensorContents { BoolContents = { !isMissing && value.GetBoolean() } },
                    _ => new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8(isMissing ? "" : value.GetString()!) } }, // A text.
                },
            };
            if (isMissing)
            {
                tensor.Parameters["missing"] = new InferParameter { StringParam = "0" };
            }

            request.Inputs.Add(tensor);
        }

        return request;
    }
}

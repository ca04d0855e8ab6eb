using System.Text.Json;

namespace Capstan.Serving;

/// <summary>Who answers a request to an endpoint of Vertex AI. Here an endpoint is a model, and what is deployed to it are its versions.</summary>
/// <param name="Parent">"projects/PROJECT/locations/LOCATION", as in the request's address.</param>
/// <param name="Version">The version that answers.</param>
/// <remarks>Source: PredictResponse of Vertex AI's v1, aiplatform.googleapis.com.</remarks>
readonly record struct AnsweringModel(string Parent, string Version)
{
    public void Write(Utf8JsonWriter json, string model)
    {
        json.WriteString("deployedModelId"u8, Version);
        json.WriteString("model"u8, $"{Parent}/models/{model}");
        json.WriteString("modelDisplayName"u8, model);
        json.WriteString("modelVersionId"u8, Version);
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary>A raw row that the model was trained on, as a request, with what the model predicts for it.</summary>
static class GoldenExample
{
    /// <summary><c>{"instances":[{…}]}</c>.</summary>
    public static string Request(ModelArtifact artifact)
    {
        var bytes = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(artifact.Golden.Rows, 0, 1, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The value, the positive class's probability, or the likeliest class with its probability.</summary>
    public static string Prediction(ModelArtifact artifact)
    {
        var predictions = artifact.Golden.PredictionsOf(0);
        var likeliest = ModelOutput.LikeliestClass(predictions);
        return predictions.Length == 1
            ? Text(predictions[0])
            : $"{artifact.Label.Classes!.Names[likeliest]} with probability {Text(predictions[likeliest])}"; // several are a classifier's

        static string Text(float number) => number.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>A line for a shell that asks a server for the prediction.</summary>
    public static string Curl(Uri server, string name, ModelArtifact artifact) =>
        // Within single quotes a shell leaves everything alone but the single quote.
        $"curl {new Uri(server, $"v1/models/{name}:predict")} -d '{Request(artifact).Replace("'", "'\\''")}'";
}

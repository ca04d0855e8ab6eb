using Capstan.Models;

namespace Capstan;

/// <summary>Models that were trained elsewhere.</summary>
public sealed partial class TrainedModel
{
    /// <summary>
    /// A model of another program as one of Capstan's, by itself on raw columns or behind the features of a pipeline:
    /// <c>await TrainedModel.ImportAsync("iris", OnnxFile.Read("iris.onnx"), new() { Label = "species" })</c>.
    /// </summary>
    /// <exception cref="ArgumentException">Inputs and columns or features don't fit; the message shows both.</exception>
    /// <exception cref="LabelException">The label can't hold the model's classes.</exception>
    public static Task<TrainedModel> ImportAsync(
        string name, ForeignModel model, ImportOptions? options = null, CancellationToken cancellationToken = default) =>
        new ModelImport(name, model, options ?? new ImportOptions(), TimeProvider.System).RunAsync(cancellationToken);
}

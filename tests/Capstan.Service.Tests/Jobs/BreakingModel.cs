using Capstan.Data;
using Capstan.Models.OnnxRuntime;
using Capstan.Models.OnnxRuntime.Tests;

namespace Capstan.Service.Tests;

/// <summary>
/// An imported model that answers twice its input; <see cref="Harmful"/> ends its process, by the one division of integers beside those by 0 that
/// the processor refuses: the least by −1 has no result.
/// </summary>
static class BreakingModel
{
    public const string Harmful = "-9223372036854775808";

    sealed record Number(double X);

    public static async Task<string> SaveAsync(string folder)
    {
        var graph = new OnnxWriter().Input("X", OnnxWriter.Floats, -1, 1).Weights("minus", [-1], 1)
            .Node("Cast", ["X"], ["whole"], OnnxWriter.Number("to", OnnxWriter.Longs))
            .Node("Cast", ["minus"], ["divisor"], OnnxWriter.Number("to", OnnxWriter.Longs)).Node("Div", ["whole", "divisor"], ["opposite"])
            .Node("Cast", ["opposite"], ["fraction"], OnnxWriter.Number("to", OnnxWriter.Floats)).Node("Sub", ["X", "fraction"], ["y"])
            .Output("y", OnnxWriter.Floats, -1, 1);
        var model = await TrainedModel.ImportAsync(
            "breaking", OnnxFile.Of("breaking.onnx", graph.ToBytes(), new OnnxOptions { Scores = OnnxScores.Value }),
            new ImportOptions { Data = Dataset.From([new Number(1), new Number(2)]) }, TestContext.Current.CancellationToken);
        model.Save(folder);
        return folder;
    }
}

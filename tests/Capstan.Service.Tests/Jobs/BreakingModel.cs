using Capstan.Data;
using Capstan.Models.OnnxRuntime;
using Capstan.Models.OnnxRuntime.Tests;

namespace Capstan.Service.Tests;

/// <summary>An imported model that answers its input plus one; an input of 0 ends its process, by a division that the processor refuses.</summary>
static class BreakingModel
{
    sealed record Number(double X);

    public static async Task<string> SaveAsync(string folder)
    {
        var graph = new OnnxWriter().Input("X", OnnxWriter.Floats, -1, 1)
            .Node("Cast", ["X"], ["whole"], OnnxWriter.Number("to", OnnxWriter.Longs)).Node("Div", ["whole", "whole"], ["one"])
            .Node("Cast", ["one"], ["fraction"], OnnxWriter.Number("to", OnnxWriter.Floats)).Node("Add", ["X", "fraction"], ["y"])
            .Output("y", OnnxWriter.Floats, -1, 1);
        var model = await TrainedModel.ImportAsync(
            "breaking", OnnxFile.Of("breaking.onnx", graph.ToBytes(), new OnnxOptions { Scores = OnnxScores.Value }),
            new ImportOptions { Data = Dataset.From([new Number(1), new Number(2)]) }, TestContext.Current.CancellationToken);
        model.Save(folder);
        return folder;
    }
}

using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A linear model as operators: one multiplication and addition for each numeric feature, one lookup and addition for each
/// category, from left to right, so that every partial sum is rounded as <see cref="LinearPredictor"/> rounds it.
/// </summary>
static class OnnxLinear
{
    public static OnnxValue Append(OnnxGraph graph, LinearPredictor predictor, OnnxFeatures features)
    {
        var score = graph.Constant(predictor.Bias);
        for (var index = 0; index < features.Numerics.Length; index++)
        {
            var term = graph.Arithmetic("Mul", features.Numerics[index], graph.Constant(predictor.NumericWeights[index]));
            score = graph.Arithmetic("Add", score, term);
        }

        var offsets = predictor.Features.CategoryOffsets;
        for (var index = 0; index < features.Categories.Length; index++)
        {
            var table = predictor.CategoryWeights.AsSpan()[(int)offsets[index]..(int)offsets[index + 1]];
            var rows = graph.Tensor($"weights.{predictor.Features.Categories[index].Name}", OnnxType.Float32, [table.Length], table);
            score = graph.Arithmetic("Add", score, graph.Apply("Gather", OnnxType.Float32, [rows, features.Categories[index]]));
        }

        return score;
    }
}

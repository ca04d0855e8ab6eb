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
        var width = predictor.Output.Width;
        return width == 1 ? AppendOne(graph, predictor, features) : AppendMany(graph, predictor, features, width);
    }

    static OnnxValue AppendOne(OnnxGraph graph, LinearPredictor predictor, OnnxFeatures features)
    {
        var score = graph.Constant(predictor.Biases[0]);
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

    /// <summary>A score for each class: [rows × 1] times [1 × width], and rows of [categories × width].</summary>
    static OnnxValue AppendMany(OnnxGraph graph, LinearPredictor predictor, OnnxFeatures features, int width)
    {
        var score = graph.Tensor("biases", OnnxType.Float32, [1, width], predictor.Biases.AsSpan());
        for (var index = 0; index < features.Numerics.Length; index++)
        {
            var weights = graph.Tensor(
                $"weights.{predictor.Features.Numerics[index].Name}", OnnxType.Float32, [1, width],
                predictor.NumericWeights.AsSpan(index * width, width));
            score = graph.Arithmetic("Add", score, graph.Arithmetic("Mul", features.Numerics[index], weights));
        }

        var offsets = predictor.Features.CategoryOffsets;
        for (var index = 0; index < features.Categories.Length; index++)
        {
            var (first, count) = ((int)offsets[index], (int)(offsets[index + 1] - offsets[index]));
            var table = graph.Tensor(
                $"weights.{predictor.Features.Categories[index].Name}", OnnxType.Float32, [count, width],
                predictor.CategoryWeights.AsSpan(first * width, count * width));
            // [rows], not [rows × 1]: Gather adds the dimension of the table's rows.
            var places = graph.Apply("Squeeze", OnnxType.Int64, [features.Categories[index], graph.Axis(1)]);
            score = graph.Arithmetic("Add", score, graph.Apply("Gather", OnnxType.Float32, [table, places]));
        }

        return score;
    }
}

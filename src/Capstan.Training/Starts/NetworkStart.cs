using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// An earlier network over the features of a later transform. The layers are carried over where both networks have the same
/// hidden layers: what is new among the inputs begins with weights of 0 there, so that it changes no output before it has
/// learned.
/// Embeddings are carried over where they are as wide. Everything else is as drawn.
/// </summary>
public static class NetworkStart
{
    /// <summary>Whether the layers are carried over, not only embeddings.</summary>
    public static bool KeepsLayers(DnnShape earlier, DnnShape later) =>
        earlier.HiddenUnits.AsSpan().SequenceEqual(later.HiddenUnits.AsSpan()) && earlier.Activation == later.Activation
        && earlier.OutputCount == later.OutputCount && earlier.Normalization == later.Normalization;

    /// <param name="drawn">Where a network of the later shape would begin by itself.</param>
    public static DnnPredictor Carry(DnnPredictor earlier, FeatureMatching matching, DnnPredictor drawn)
    {
        var (from, to) = (earlier.Shape, drawn.Shape);
        var parameters = drawn.Parameters.ToArray();
        for (var index = 0; index < to.Features.Categories.Length; index++)
        {
            if (EmbeddingMatch(matching, from, to, index) is { } match)
            {
                var dimension = to.EmbeddingDimensions[index];
                for (var category = 0; category < match.EarlierCategories.Length; category++)
                {
                    var row = from.EmbeddingOffset(match.EarlierIndex) + match.EarlierCategories[category] * dimension;
                    earlier.Parameters.AsSpan(row, dimension).CopyTo(parameters.AsSpan(to.EmbeddingOffset(index) + category * dimension));
                }
            }
        }

        if (!KeepsLayers(from, to))
        {
            return With(drawn, parameters, drawn.LabelScaling);
        }

        // Above the first layer nothing depends on features.
        for (var layer = 1; layer < to.LayerCount; layer++)
        {
            var length = to.ParameterRows(layer) * to.Outputs(layer);
            earlier.Parameters.AsSpan(from.WeightOffset(layer), length).CopyTo(parameters.AsSpan(to.WeightOffset(layer)));
        }

        CarryInputs(earlier, matching, to, parameters);
        return With(drawn, parameters, earlier.LabelScaling);
    }

    static void CarryInputs(DnnPredictor earlier, FeatureMatching matching, DnnShape to, float[] parameters)
    {
        var (from, width) = (earlier.Shape, to.Outputs(0));
        parameters.AsSpan(to.WeightOffset(0), to.Inputs(0) * width).Clear();
        var bias = new double[width];
        for (var output = 0; output < width; output++)
        {
            bias[output] = earlier.Parameters[from.BiasOffset(0) + output];
        }

        for (var index = 0; index < to.Features.Numerics.Length; index++)
        {
            if (matching.Numerics[index] is not { } match)
            {
                continue;
            }

            for (var output = 0; output < width; output++)
            {
                var weight = earlier.Parameters[from.WeightOffset(0) + match.EarlierIndex * width + output];
                parameters[to.WeightOffset(0) + index * width + output] = (float)(weight * match.Slope);
                bias[output] += weight * match.Offset;
            }
        }

        for (var index = 0; index < to.Features.Categories.Length; index++)
        {
            if (EmbeddingMatch(matching, from, to, index) is { } match)
            {
                earlier.Parameters.AsSpan(from.WeightOffset(0) + FirstInput(from, match.EarlierIndex) * width, to.EmbeddingDimensions[index] * width)
                    .CopyTo(parameters.AsSpan(to.WeightOffset(0) + FirstInput(to, index) * width));
            }
        }

        for (var output = 0; output < width; output++)
        {
            parameters[to.BiasOffset(0) + output] = (float)bias[output];
        }

        if (to.IsNormalized(0))
        {
            earlier.Parameters.AsSpan(from.GainOffset(0), 2 * width).CopyTo(parameters.AsSpan(to.GainOffset(0)));
        }
    }

    static CategoryMatch? EmbeddingMatch(FeatureMatching matching, DnnShape from, DnnShape to, int index) =>
        matching.Categories[index] is { } match && from.EmbeddingDimensions[match.EarlierIndex] == to.EmbeddingDimensions[index]
            ? match
            : null;

    /// <summary>The place among the first layer's inputs where a feature's embedding begins.</summary>
    static int FirstInput(DnnShape shape, int categoryIndex) =>
        shape.Features.Numerics.Length + shape.EmbeddingDimensions.AsSpan(0, categoryIndex).ToArray().Sum();

    static DnnPredictor With(DnnPredictor drawn, float[] parameters, LabelScaling scaling) =>
        new(drawn.Output, drawn.Shape, ImmutableCollectionsMarshal.AsImmutableArray(parameters), scaling);
}

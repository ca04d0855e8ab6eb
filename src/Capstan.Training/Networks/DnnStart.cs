using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>The parameters a network begins to learn from; the law is in the remarks of <see cref="DnnLearner"/>.</summary>
static class DnnStart
{
    // Small beside numeric features of variance 1, so that categories speak up only as far as they have learned to. On Adult,
    // 1 / dimension costs 0.001 of AUC at the default learning rate (four seeds of four); 0.0025 is no better.
    const double EmbeddingVariance = 0.01;

    /// <returns>[shape.ParameterCount], laid out as <see cref="DnnShape"/> says; each table and layer has a random stream of
    /// its own.</returns>
    public static float[] Draw(DnnShape shape, ulong seed)
    {
        var parameters = new float[shape.ParameterCount];
        for (var feature = 0; feature < shape.EmbeddingDimensions.Length; feature++)
        {
            var dimension = shape.EmbeddingDimensions[feature];
            var length = dimension * shape.Features.Categories[feature].Cardinality;
            Normal(parameters.AsSpan(shape.EmbeddingOffset(feature), length), EmbeddingVariance,
                new SeededRandom(seed, (ulong)feature << 1));
        }

        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            var weights = parameters.AsSpan()[shape.WeightOffset(layer)..shape.BiasOffset(layer)];
            var gain = shape.ActivationAfter(layer) is Activation.Relu or Activation.Gelu ? 2.0 : 1.0;
            if (shape.IsNormalized(layer))
            {
                parameters.AsSpan(shape.GainOffset(layer), shape.Outputs(layer)).Fill(1);
            }

            Normal(weights, gain / Math.Max(1, shape.Inputs(layer)), new SeededRandom(seed, (ulong)layer << 1 | 1));
        }

        return parameters;
    }

    static void Normal(Span<float> values, double variance, SeededRandom random)
    {
        var deviation = Math.Sqrt(variance);
        foreach (ref var value in values)
        {
            value = (float)(deviation * random.NextNormal());
        }
    }
}

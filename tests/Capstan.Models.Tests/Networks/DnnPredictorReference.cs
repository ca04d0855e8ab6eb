using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Networks;

/// <summary>A network's score for one row, straight from the flat parameters: the bits that every other way must give.</summary>
static class DnnPredictorReference
{
    public static float Score(DnnPredictor model, FeatureBuffer features, int row)
    {
        var (shape, parameters) = (model.Shape, model.Parameters);
        var inputs = new List<float>();
        for (var feature = 0; feature < shape.Features.Numerics.Length; feature++)
        {
            inputs.Add(features.Numeric(feature)[row]);
        }

        for (var feature = 0; feature < shape.Features.Categories.Length; feature++)
        {
            var dimension = shape.EmbeddingDimensions[feature];
            var start = shape.EmbeddingOffset(feature) + features.Category(feature)[row] * dimension;
            inputs.AddRange(parameters.AsSpan(start, dimension));
        }

        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            inputs = [.. Enumerable.Range(0, shape.Outputs(layer)).Select(output => Sum(layer, output, inputs))];
            if (shape.IsNormalized(layer))
            {
                var mean = inputs.Sum(value => (double)value) / inputs.Count;
                var deviation = Math.Sqrt(inputs.Sum(value => (value - mean) * (value - mean)) / inputs.Count + 1e-5);
                inputs =
                [
                    .. inputs.Select((value, unit) =>
                    {
                        var scaled = (float)((value - mean) * (1 / deviation)) * parameters[shape.GainOffset(layer) + unit];
                        return scaled + parameters[shape.ShiftOffset(layer) + unit];
                    }),
                ];
            }

            if (shape.ActivationAfter(layer) == Activation.Relu)
            {
                inputs = [.. inputs.Select(value => value < 0 ? 0 : value)];
            }
        }

        return model.LabelScaling.Unscale(inputs[0]);

        float Sum(int layer, int output, List<float> values)
        {
            var sum = parameters[shape.BiasOffset(layer) + output];
            for (var input = 0; input < values.Count; input++)
            {
                sum = MathF.FusedMultiplyAdd(
                    values[input], parameters[shape.WeightOffset(layer) + input * shape.Outputs(layer) + output], sum);
            }

            return sum;
        }
    }
}

using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Explanations;

/// <summary>Integrated gradients by their definition: midpoints of equal steps, and gradients by central differences, all in double.</summary>
static class IntegratedGradientsReference
{
    public static double[] Attribute(DnnPredictor network, FeatureBuffer rows, int row, ReferenceRows reference, int steps)
    {
        var (layout, dimensions) = (network.Features, network.Shape.EmbeddingDimensions);
        var to = Inputs(network, index => rows.Numeric(index)[row], index => rows.Category(index)[row]);
        var from = new double[to.Length];
        for (var each = 0; each < reference.RowCount; each++)
        {
            var inputs = Inputs(network, index => reference.Numeric(index)[each], index => reference.Category(index)[each]);
            from = [.. from.Zip(inputs, (sum, value) => sum + value / reference.RowCount)];
        }

        var attributions = new double[layout.Numerics.Length + layout.Categories.Length];
        var owners = Enumerable.Range(0, layout.Numerics.Length)
            .Concat(dimensions.SelectMany((dimension, index) => Enumerable.Repeat(layout.Numerics.Length + index, dimension))).ToArray();
        for (var step = 0; step < steps; step++)
        {
            double[] point = [.. from.Zip(to, (start, end) => start + (step + 0.5) / steps * (end - start))];
            for (var input = 0; input < point.Length; input++)
            {
                var (here, nearby) = (point[input], 1e-6);
                point[input] = here + nearby;
                var above = Score(network, point);
                point[input] = here - nearby;
                var gradient = (above - Score(network, point)) / (2 * nearby);
                point[input] = here;
                attributions[owners[input]] += gradient * (to[input] - from[input]) / steps;
            }
        }

        return attributions;
    }

    static double[] Inputs(DnnPredictor network, Func<int, float> numeric, Func<int, int> category)
    {
        var shape = network.Shape;
        var inputs = Enumerable.Range(0, shape.Features.Numerics.Length).Select(index => (double)numeric(index)).ToList();
        for (var index = 0; index < shape.EmbeddingDimensions.Length; index++)
        {
            var dimension = shape.EmbeddingDimensions[index];
            var start = shape.EmbeddingOffset(index) + category(index) * dimension;
            inputs.AddRange(network.Parameters[start..(start + dimension)].Select(value => (double)value));
        }

        return [.. inputs];
    }

    static double Score(DnnPredictor network, double[] inputs)
    {
        var (shape, parameters) = (network.Shape, network.Parameters);
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            var outputs = new double[shape.Outputs(layer)];
            for (var output = 0; output < outputs.Length; output++)
            {
                var sum = (double)parameters[shape.BiasOffset(layer) + output];
                for (var input = 0; input < inputs.Length; input++)
                {
                    sum += inputs[input] * parameters[shape.WeightOffset(layer) + input * outputs.Length + output];
                }

                outputs[output] = sum;
            }

            if (shape.IsNormalized(layer))
            {
                var mean = outputs.Average();
                var deviation = Math.Sqrt(outputs.Average(sum => (sum - mean) * (sum - mean)) + 1e-5);
                outputs =
                [
                    .. outputs.Select((sum, unit) =>
                        (sum - mean) / deviation * parameters[shape.GainOffset(layer) + unit] + parameters[shape.ShiftOffset(layer) + unit]),
                ];
            }

            inputs =
            [
                .. outputs.Select(sum => shape.ActivationAfter(layer) switch
                {
                    Activation.Relu => Math.Max(sum, 0),
                    Activation.Tanh => Math.Tanh(sum),
                    Activation.Gelu => sum / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (sum + 0.044715 * sum * sum * sum))),
                    _ => sum,
                }),
            ];
        }

        return inputs[0] * network.LabelScaling.Scale + network.LabelScaling.Mean;
    }
}

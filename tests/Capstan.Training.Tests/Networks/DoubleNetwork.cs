using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

/// <summary>
/// A network's loss in double precision, straight from the flat parameters and the definitions; shares no code with ours.
/// </summary>
static class DoubleNetwork
{
    /// <summary>
    /// The mean over the batch of weight × loss (of values: in units of the label's spread), plus the penalty.
    /// </summary>
    public static double Objective(Loss loss, DnnPredictor model, double[] parameters, TrainingBatch batch, double l2)
    {
        var (shape, sum) = (model.Shape, 0.0);
        for (var row = 0; row < batch.RowCount; row++)
        {
            sum += batch.Weights[row] * LossOf(loss, model.LabelScaling, Outputs(shape, parameters, batch, row), batch.Labels[row]);
        }

        return sum / batch.RowCount + l2 / 2 * Penalised(shape, batch).Sum(index => parameters[index] * parameters[index]);
    }

    static double Activate(Activation activation, double sum) => activation switch
    {
        Activation.Identity => sum,
        Activation.Relu => Math.Max(0, sum),
        Activation.Tanh => Math.Tanh(sum),
        _ => 0.5 * sum * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (sum + 0.044715 * sum * sum * sum))),
    };

    static double LossOf(Loss loss, LabelScaling scaling, double[] outputs, double label)
    {
        var (output, scaled) = (outputs[0], (label - scaling.Mean) / scaling.Scale);
        var logarithm = output * scaling.Scale + scaling.Mean;
        var distance = Math.Abs(output - scaled);
        return loss switch
        {
            Loss.Squared => distance * distance,
            Loss.Absolute => distance,
            Loss.Huber { Delta: var delta } => distance <= delta / scaling.Scale
                ? distance * distance / 2
                : delta / scaling.Scale * (distance - delta / scaling.Scale / 2),
            Loss.Quantile { Probability: var q } => distance * (output > scaled ? 1 - q : q),
            Loss.Poisson => Math.Exp(logarithm) - label * logarithm,
            Loss.Gamma => logarithm + label / Math.Exp(logarithm),
            Loss.Logistic => Math.Log(1 + Math.Exp(output)) - label * output,
            Loss.Softmax => Math.Log(outputs.Sum(Math.Exp)) - outputs[(int)label],
            _ => throw new NotSupportedException(loss.ToString()),
        };
    }

    static double[] Outputs(DnnShape shape, double[] parameters, TrainingBatch batch, int row)
    {
        var inputs = new List<double>();
        for (var feature = 0; feature < shape.Features.Numerics.Length; feature++)
        {
            inputs.Add(batch.Features.Numeric(feature)[row]);
        }

        for (var feature = 0; feature < shape.Features.Categories.Length; feature++)
        {
            var dimension = shape.EmbeddingDimensions[feature];
            inputs.AddRange(
                parameters.AsSpan(shape.EmbeddingOffset(feature) + batch.Features.Category(feature)[row] * dimension, dimension));
        }

        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            var (weights, bias, width, isLast) = (
                shape.WeightOffset(layer), shape.BiasOffset(layer), shape.Outputs(layer), layer == shape.LayerCount - 1);
            inputs =
            [
                .. Enumerable.Range(0, width).Select(output =>
                {
                    return parameters[bias + output] +
                        inputs.Select((x, input) => x * parameters[weights + input * width + output]).Sum();
                }),
            ];
            if (shape.IsNormalized(layer))
            {
                var (mean, gain, shift) = (inputs.Average(), shape.GainOffset(layer), shape.ShiftOffset(layer));
                var deviation = Math.Sqrt(inputs.Average(sum => (sum - mean) * (sum - mean)) + 1e-5);
                inputs = [.. inputs.Select((sum, unit) => (sum - mean) / deviation * parameters[gain + unit] + parameters[shift + unit])];
            }

            inputs = isLast ? inputs : [.. inputs.Select(sum => Activate(shape.Activation, sum))];
        }

        return [.. inputs];
    }

    static IEnumerable<int> Penalised(DnnShape shape, TrainingBatch batch)
    {
        for (var feature = 0; feature < shape.Features.Categories.Length; feature++)
        {
            var (offset, dimension) = (shape.EmbeddingOffset(feature), shape.EmbeddingDimensions[feature]);
            foreach (var category in batch.Features.Category(feature).ToArray().Distinct())
            {
                for (var index = 0; index < dimension; index++)
                {
                    yield return offset + category * dimension + index;
                }
            }
        }

        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            for (var index = shape.WeightOffset(layer); index < shape.BiasOffset(layer); index++)
            {
                yield return index;
            }
        }
    }
}

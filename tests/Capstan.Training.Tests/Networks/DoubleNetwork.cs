using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

/// <summary>
/// A network's loss in double precision, straight from the flat parameters and the definitions; shares no code with ours.
/// </summary>
static class DoubleNetwork
{
    /// <summary>
    /// The mean over the batch of weight × loss (regression: in units of the label's spread), plus the penalty.
    /// </summary>
    public static double Objective(DnnPredictor model, double[] parameters, TrainingBatch batch, double l2)
    {
        var (shape, sum) = (model.Shape, 0.0);
        for (var row = 0; row < batch.RowCount; row++)
        {
            var output = Output(shape, parameters, batch, row);
            var label = ((double)batch.Labels[row] - model.LabelScaling.Mean) / model.LabelScaling.Scale;
            sum += batch.Weights[row] * (model.Task == ModelTask.Regression
                ? Math.Pow(output - label, 2)
                : Math.Log(1 + Math.Exp(output)) - label * output);
        }

        return sum / batch.RowCount + l2 / 2 * Penalised(shape, batch).Sum(index => parameters[index] * parameters[index]);
    }

    public static double Output(DnnShape shape, double[] parameters, TrainingBatch batch, int row)
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
                    var value = parameters[bias + output] +
                        inputs.Select((x, input) => x * parameters[weights + input * width + output]).Sum();
                    return isLast || shape.Activation == Activation.Identity ? value : Math.Max(0, value);
                }),
            ];
        }

        return inputs[0];
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

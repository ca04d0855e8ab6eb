using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// An offset beside a network: a linear part in which one numeric feature has the weight 1, and which does not learn.
/// </summary>
/// <param name="index">The feature's place among the numeric ones.</param>
/// <param name="scale">By which the network's outputs are multiplied.</param>
sealed class OffsetPart(int index, float scale)
{
    /// <summary>Adds the offsets of some rows to their outputs.</summary>
    /// <param name="outputs">[rows × 1 or more].</param>
    public void AddScores(FeatureBuffer features, int firstRow, int rows, MatrixSpan outputs)
    {
        var offsets = features.Numeric(index).Slice(firstRow, rows);
        for (var row = 0; row < rows; row++)
        {
            outputs[row, 0] += offsets[row] / scale;
        }
    }

    /// <summary>The network must not learn from the offset: its input has weights of 0, and no gradient.</summary>
    public void ClearInput(DenseLayers layers) => layers.WeightRows(0, index, 1).Values.Clear();

    /// <summary>The linear part; with the weights of another, where there is one.</summary>
    public LinearPredictor Freeze(ModelOutput output, FeatureLayout layout, LinearPredictor? wide)
    {
        wide ??= new LinearPredictor(
            output, layout, 0f, [.. new float[layout.Numerics.Length]], [.. new float[layout.CategoryOffsets[^1]]]);
        return new LinearPredictor(output, layout, wide.Biases, wide.NumericWeights.SetItem(index, 1f), wide.CategoryWeights);
    }
}

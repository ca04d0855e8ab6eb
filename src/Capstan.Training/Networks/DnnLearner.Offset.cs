using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>An offset beside a network: a linear part in which one numeric feature has the weight 1, and which does not learn.</summary>
public sealed partial class DnnLearner
{
    /// <summary>The network must not learn from the offset: its input has weights of 0, and no gradient.</summary>
    void ForgetOffset(DenseLayers layers)
    {
        if (_offset >= 0)
        {
            layers.WeightRows(0, _offset, 1).Values.Clear();
        }
    }

    void AddOffset(FeatureBuffer features, int firstRow, int rows, MatrixSpan outputs)
    {
        if (_offset < 0)
        {
            return;
        }

        var offsets = features.Numeric(_offset).Slice(firstRow, rows);
        for (var row = 0; row < rows; row++)
        {
            outputs[row, 0] += offsets[row] / _labelScaling.Scale;
        }
    }

    LinearPredictor FreezeWide()
    {
        var layout = _shape.Features;
        var wide = _wide?.Freeze(Loss.Output, _labelScaling.Scale) ?? new LinearPredictor(
            Loss.Output, layout, 0f, [.. new float[layout.Numerics.Length]], [.. new float[layout.CategoryOffsets[^1]]]);
        return _offset < 0 ? wide : new LinearPredictor(
            wide.Output, layout, wide.Biases, wide.NumericWeights.SetItem(_offset, 1f), wide.CategoryWeights);
    }
}

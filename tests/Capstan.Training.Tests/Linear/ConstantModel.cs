using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Linear;

/// <summary>A model of the baseline's score, whatever the features.</summary>
static class ConstantModel
{
    public static LinearPredictor Of(ModelOutput output, FeatureLayout features, in LabelMoments labels) => new(
        output, features, Baseline.Score(output, labels), [.. new float[features.Numerics.Length]], [.. new float[features.CategoryOffsets[^1]]]);
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The unit in which a linear model learns: <c>label = center + scale × learned</c>. Regression: the labels' mean and standard
/// deviation, or 0 and 1. Classification: scale 1, and the classes' log-odds as the center of the score; labels stay 0 and 1.
/// </summary>
readonly record struct LinearTarget(ModelTask Task, float Center, float Scale)
{
    public static LinearTarget Of(ModelTask task, in LabelMoments labels, bool standardise) => task switch
    {
        ModelTask.Regression when !standardise => new LinearTarget(task, 0f, 1f),
        ModelTask.Regression => new LinearTarget(task, Baseline.Score(task, labels), ScaleOf(labels)),
        _ => new LinearTarget(task, Baseline.Score(task, labels), 1f),
    };

    /// <summary>The predictor in label units for weights in learned units.</summary>
    public LinearPredictor Fold(FeatureLayout layout, float bias, float[] numericWeights, float[] categoryWeights)
    {
        Multiply(numericWeights, Scale);
        Multiply(categoryWeights, Scale);
        return new LinearPredictor(
            Task,
            layout,
            Center + bias * Scale,
            ImmutableCollectionsMarshal.AsImmutableArray(numericWeights),
            ImmutableCollectionsMarshal.AsImmutableArray(categoryWeights));
    }

    // Labels that are all alike have no spread to divide by.
    static float ScaleOf(in LabelMoments labels) => (float)labels.StandardDeviation is var scale and > 0f ? scale : 1f;

    static void Multiply(Span<float> weights, float factor)
    {
        if (factor == 1f)
        {
            return;
        }

        foreach (ref var weight in weights)
        {
            weight *= factor;
        }
    }
}

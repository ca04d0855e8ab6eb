using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>The model that looks at no feature: what every other model has to beat.</summary>
public static class Baseline
{
    /// <summary>
    /// A predictor whose score is the labels' weighted mean (regression) or the log-odds of their share (classification).
    /// </summary>
    public static LinearPredictor Fit(ModelTask task, FeatureLayout features, in LabelMoments labels) => new(
        task,
        features,
        Score(task, labels),
        [.. new float[features.Numerics.Length]],
        [.. new float[features.CategoryOffsets[^1]]]);

    /// <summary>The baseline's score.</summary>
    /// <remarks>
    /// A share of 0 or 1 would mean infinite log-odds; it is taken as half an example short of that (Laplace–Jeffreys), and
    /// labels without any weight as a share of ½.
    /// </remarks>
    public static float Score(ModelTask task, in LabelMoments labels)
    {
        if (task == ModelTask.Regression)
        {
            return (float)labels.Mean;
        }

        if (labels.WeightSum == 0)
        {
            return 0f;
        }

        var margin = 0.5 / (labels.WeightSum + 1);
        var share = Math.Clamp(labels.Mean, margin, 1 - margin);
        return (float)Math.Log(share / (1 - share));
    }
}

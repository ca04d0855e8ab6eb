using Capstan.Models;

namespace Capstan.Training;

/// <summary>The score of the model that looks at no feature, from which others start.</summary>
public static class Baseline
{
    /// <summary>The labels' weighted mean, its logarithm, or the log-odds of the positive labels' share.</summary>
    /// <param name="output">Of one score: how often each of several classes occurs, moments do not tell.</param>
    /// <remarks>
    /// A share of 0 or 1 would mean infinite log-odds, a mean of 0 an infinite logarithm; each is taken as half an example short of
    /// that (Laplace–Jeffreys), and labels without any weight as a share of ½ or a mean of 1.
    /// </remarks>
    public static float Score(ModelOutput output, in LabelMoments labels)
    {
        if (output.Link == Link.Identity)
        {
            return (float)labels.Mean;
        }

        if (labels.WeightSum == 0)
        {
            return 0f;
        }

        var margin = 0.5 / (labels.WeightSum + 1);
        switch (output.Link)
        {
            case Link.Logit:
                var share = Math.Clamp(labels.Mean, margin, 1 - margin);
                return (float)Math.Log(share / (1 - share));
            case Link.Log:
                return (float)Math.Log(Math.Max(labels.Mean, margin));
            default:
                throw new ArgumentException(
                    $"Moments of class numbers say nothing about {output.Width} classes' shares.", nameof(output));
        }
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The unit in which a linear model learns. Values: <c>label = center + scale × learned</c>, with the labels' mean and standard
/// deviation, or 0 and 1. Logarithms and log-odds: scale 1, and the center is the score to start from; labels stay as they are.
/// </summary>
readonly record struct LinearTarget(Loss Loss, float Center, float Scale)
{
    public static LinearTarget Of(Loss loss, in LabelMoments labels, bool standardise) => loss.Output.Link switch
    {
        Link.Identity when !standardise => new LinearTarget(loss, 0f, 1f),
        Link.Identity => new LinearTarget(loss, Baseline.Score(loss.Output, labels), ScaleOf(labels)),
        _ => new LinearTarget(loss, Baseline.Score(loss.Output, labels), 1f),
    };

    /// <summary>What is taken from a label before it is divided by <see cref="Scale"/>.</summary>
    public float LabelCenter => Loss.Output.Link == Link.Identity ? Center : 0f;

    /// <summary>Where the sum of a score begins.</summary>
    public float ScoreCenter => Loss.Output.Link == Link.Identity ? 0f : Center;

    /// <summary>The unit for a model that begins at a bias: the bias is the center, the scale the next power of two.</summary>
    public LinearTarget StartingAt(float bias) => this with { Center = bias, Scale = MathF.ScaleB(1f, MathF.ILogB(Scale)) };

    /// <summary>What a loss of 1 in learned units is in the label's.</summary>
    public double LossUnit<TLoss>()
        where TLoss : struct, IPointLoss
    {
        var unit = 1.0;
        for (var power = 0; power < TLoss.Degree; power++)
        {
            unit *= Scale;
        }

        return unit;
    }

    /// <summary>The predictor in label units for weights in learned units.</summary>
    /// <param name="offset">The place of the numeric feature whose weight is 1; −1 for none.</param>
    public LinearPredictor Fold(FeatureLayout layout, float bias, float[] numericWeights, float[] categoryWeights, int offset)
    {
        Multiply(numericWeights, Scale);
        if (offset >= 0)
        {
            numericWeights[offset] = 1f;
        }

        Multiply(categoryWeights, Scale);
        return new LinearPredictor(
            Loss.Output,
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

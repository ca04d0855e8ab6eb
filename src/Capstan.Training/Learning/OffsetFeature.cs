using Capstan.Features;

namespace Capstan.Training;

/// <summary>
/// A numeric feature that is added to every score as it is, with a weight of 1 that is never learned: the logarithm of an
/// exposure, under a loss of logarithms.
/// </summary>
/// <remarks>Source: P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd edition, 1989, section 6.2.2.</remarks>
public static class OffsetFeature
{
    // e^30 is 10^13; beyond, single precision soon ends.
    const float Largest = 30f;

    /// <summary>Whether a model learned by a loss can have one: log-odds, logarithms, and values under the squared
    /// error.</summary>
    public static bool IsTakenBy(Loss loss) => loss is Loss.Logistic or Loss.Squared or Loss.Poisson or Loss.Gamma;

    /// <summary>The place of the feature among the numeric ones; −1 where there is no offset.</summary>
    /// <exception cref="ArgumentException">There is no such feature, or the loss takes none.</exception>
    public static int IndexOf(string? name, FeatureLayout layout, Loss loss)
    {
        if (name is null)
        {
            return -1;
        }

        var index = layout.Numerics.Select(spec => spec.Name).ToList().IndexOf(name);
        return index < 0 ? throw new ArgumentException($"'{name}' is no numeric feature, so it can't be an offset.", nameof(name))
            : IsTakenBy(loss) ? index
            : throw new ArgumentException(
                $"The loss {LossText.Of(loss)} takes no offset; squared, poisson, gamma and the log loss of two classes do.", nameof(loss));
    }

    /// <summary>
    /// Moments of what the offset leaves of the labels, from which a learner starts: of label − offset, of the rate label /
    /// e^offset with weight × e^offset (poisson), of label / e^offset (gamma). Log-odds have no such form; theirs are the
    /// labels'.
    /// </summary>
    /// <remarks>Under all but the log loss, the mean is the best model of no feature: the maximum of the likelihood.</remarks>
    public static LabelMoments Moments(Loss loss, TrainingBatch batch, int index)
    {
        var offsets = batch.Features.Numeric(index);
        var (labels, weights) = (batch.Labels.ToArray(), batch.Weights.ToArray());
        for (var row = 0; row < labels.Length; row++)
        {
            var exposure = MathF.Exp(Math.Clamp(offsets[row], -Largest, Largest));
            (labels[row], weights[row]) = loss switch
            {
                Loss.Squared => (labels[row] - offsets[row], weights[row]),
                Loss.Poisson => (labels[row] / exposure, weights[row] * exposure),
                Loss.Gamma => (labels[row] / exposure, weights[row]),
                _ => (labels[row], weights[row]),
            };
        }

        return LabelMoments.Of(labels, weights);
    }

    /// <summary>The same of many batches.</summary>
    public static LabelMoments Moments(Loss loss, IEnumerable<TrainingBatch> batches, int index) =>
        batches.Aggregate(default(LabelMoments), (moments, batch) => moments.Merge(Moments(loss, batch, index)));
}

using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>An earlier linear model over the features of a later transform; new features have weights of 0.</summary>
public static class LinearStart
{
    /// <summary>
    /// Scores a row as the earlier model did, as far as <paramref name="matching"/> is exact and no feature is gone: to the bit
    /// where only categories have changed, else but for rounding.
    /// </summary>
    public static LinearPredictor Carry(LinearPredictor earlier, FeatureMatching matching)
    {
        var (layout, width) = (matching.Later, earlier.Output.Width);
        double[] biases = [.. earlier.Biases.Select(bias => (double)bias)];
        var numerics = new float[layout.Numerics.Length * width];
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            if (matching.Numerics[index] is not { } match)
            {
                continue;
            }

            for (var score = 0; score < width; score++)
            {
                var weight = earlier.NumericWeights[match.EarlierIndex * width + score];
                numerics[index * width + score] = (float)(weight * match.Slope);
                biases[score] += weight * match.Offset;
            }
        }

        var categories = new float[layout.CategoryOffsets[^1] * width];
        for (var index = 0; index < layout.Categories.Length; index++)
        {
            if (matching.Categories[index] is not { } match)
            {
                continue;
            }

            var (from, to) = (earlier.Features.CategoryOffsets[match.EarlierIndex], layout.CategoryOffsets[index]);
            for (var category = 0; category < match.EarlierCategories.Length; category++)
            {
                earlier.CategoryWeights.AsSpan((int)(from + match.EarlierCategories[category]) * width, width)
                    .CopyTo(categories.AsSpan((int)(to + category) * width));
            }
        }

        return new LinearPredictor(
            earlier.Output, layout, [.. biases.Select(bias => (float)bias)], [.. numerics],
            ImmutableCollectionsMarshal.AsImmutableArray(categories));
    }

    /// <exception cref="ArgumentException">The start is no linear model of this output and these features.</exception>
    internal static LinearPredictor Require(IPredictor start, ModelOutput output, FeatureLayout features) =>
        start is LinearPredictor linear && linear.Output == output && linear.Features.Equals(features)
            ? linear
            : throw new ArgumentException(
                $"A linear learner of {output} can't start at a {start.GetType().Name} of {start.Output} over " +
                $"{start.Features.Numerics.Length} numbers and {start.Features.Categories.Length} categories; carry it over first.",
                nameof(start));
}

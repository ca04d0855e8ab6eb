using System.Diagnostics.CodeAnalysis;
using Capstan.Features;

namespace Capstan.Training;

/// <summary>What a batch has to hold before it is learned from or stored.</summary>
static class BatchChecks
{
    public static void CheckLayout(TrainingBatch batch, FeatureLayout layout)
    {
        if (!ReferenceEquals(batch.Features.Layout, layout) && !batch.Features.Layout.Equals(layout))
        {
            throw new ArgumentException(
                "The batch has other features than are expected here; build both from one transform.", nameof(batch));
        }
    }

    /// <summary>Every number finite, every weight ≥ 0, every category below its cardinality.</summary>
    public static void CheckRows(TrainingBatch batch)
    {
        var layout = batch.Features.Layout;
        CheckFinite(batch.Labels, "The label", "Rows without a label can't be learned from: leave them out");
        CheckWeights(batch.Weights);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            CheckFinite(
                batch.Features.Numeric(index),
                $"Feature '{layout.Numerics[index].Name}'",
                "A transform imputes missing values: make the batch with this layout's");
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            CheckCategories(batch.Features.Category(index), layout.Categories[index]);
        }
    }

    [DoesNotReturn]
    public static void ThrowUnknownCategory(FeatureSpec feature, int category) => throw new ArgumentException(
        $"Feature '{feature.Name}' holds category {category:N0}; its categories are 0 to {feature.Cardinality - 1:N0}. " +
        "The batch was not made by this layout's transform.");

    static void CheckFinite(ReadOnlySpan<float> values, string what, string advice)
    {
        for (var row = 0; row < values.Length; row++)
        {
            if (!float.IsFinite(values[row]))
            {
                throw new ArgumentException(
                    $"{what} in row {row} of the batch is {values[row]}; a finite number was expected. {advice}.");
            }
        }
    }

    static void CheckWeights(ReadOnlySpan<float> weights)
    {
        for (var row = 0; row < weights.Length; row++)
        {
            if (!(weights[row] >= 0 && float.IsFinite(weights[row])))
            {
                throw new ArgumentException(
                    $"The example weight in row {row} of the batch is {weights[row]}; a finite number from 0 up was expected. " +
                    "Correct the weight column, or use 0 for rows that shall not count.");
            }
        }
    }

    static void CheckCategories(ReadOnlySpan<int> categories, FeatureSpec feature)
    {
        foreach (var category in categories)
        {
            if ((uint)category >= (uint)feature.Cardinality)
            {
                ThrowUnknownCategory(feature, category);
            }
        }
    }
}

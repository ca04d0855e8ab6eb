using System.Diagnostics.CodeAnalysis;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>What every attributor checks before it starts.</summary>
static class AttributionChecks
{
    /// <summary>Features of a layout: numeric ones, categories, and columns that are passed on.</summary>
    public static int FeatureCount(FeatureLayout layout) =>
        layout.Numerics.Length + layout.Categories.Length + layout.Passed.Fields.Length;

    /// <exception cref="ArgumentException">The rows are of another layout than the predictor's.</exception>
    public static void Reference(IPredictor predictor, ReferenceRows reference)
    {
        if (!reference.Layout.Equals(predictor.Features))
        {
            throw new ArgumentException(
                "The reference rows have other features than the predictor; make them with the transform that it was trained with.",
                nameof(reference));
        }
    }

    /// <exception cref="ArgumentException">The rows are of another layout, or there is room for another number of
    /// attributions.</exception>
    public static void Rows(IPredictor predictor, FeatureBuffer features, int room)
    {
        if (!ReferenceEquals(features.Layout, predictor.Features) && !features.Layout.Equals(predictor.Features))
        {
            ThrowLayout();
        }

        var expected = (long)features.RowCount * predictor.Output.Width * FeatureCount(predictor.Features);
        if (room != expected)
        {
            ThrowRoom(room, expected, features.RowCount);
        }
    }

    [DoesNotReturn]
    static void ThrowLayout() => throw new ArgumentException(
        "The features are laid out otherwise than in training; use the transform that the model was trained with.");

    [DoesNotReturn]
    static void ThrowRoom(int room, long expected, int rows) => throw new ArgumentException(
        $"There is room for {room:N0} attributions; {rows:N0} rows need {expected:N0}: one for each row, score and feature.");
}

using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A linear model: <c>score = bias + Σ numericWeights[j] · x[j] + Σ categoryWeights[CategoryOffsets[k] + category[k]]</c>.
/// </summary>
/// <remarks>
/// <para>The sum runs in single precision, strictly from left to right: bias, numeric features in layout order, categories in
/// layout order. Each product is rounded before it is added (no fused multiply-add). Rows do not meet, so a row's score has the
/// same bits in any batch. A sum beyond single precision becomes ±∞ or NaN; features in usual ranges never get there.</para>
/// <para>Immutable and thread-safe. Also the form of the baseline, whose weights are all 0.</para>
/// </remarks>
public sealed class LinearPredictor : IPredictor
{
    /// <param name="task">What a score means.</param>
    /// <param name="features">The features expected.</param>
    /// <param name="bias">Finite.</param>
    /// <param name="numericWeights">[features.Numerics.Length], finite.</param>
    /// <param name="categoryWeights">[features.CategoryOffsets[^1]], finite: the tables of all category features, one after
    /// another.</param>
    /// <exception cref="ArgumentException">A length does not fit the layout, or a weight is not finite.</exception>
    public LinearPredictor(
        ModelTask task,
        FeatureLayout features,
        float bias,
        ImmutableArray<float> numericWeights,
        ImmutableArray<float> categoryWeights)
    {
        CheckLength(numericWeights, features.Numerics.Length, "numeric features", nameof(numericWeights));
        CheckLength(categoryWeights, features.CategoryOffsets[^1], "categories", nameof(categoryWeights));
        CheckFinite([bias], nameof(bias));
        CheckFinite(numericWeights.AsSpan(), nameof(numericWeights));
        CheckFinite(categoryWeights.AsSpan(), nameof(categoryWeights));
        Task = task;
        Features = features;
        Bias = bias;
        NumericWeights = numericWeights;
        CategoryWeights = categoryWeights;
    }

    public ModelTask Task { get; }

    public FeatureLayout Features { get; }

    public float Bias { get; }

    /// <summary>[Features.Numerics.Length]</summary>
    public ImmutableArray<float> NumericWeights { get; }

    /// <summary>[Features.CategoryOffsets[^1]]; feature k's category c is at <c>CategoryOffsets[k] + c</c>.</summary>
    public ImmutableArray<float> CategoryWeights { get; }

    public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (scores.Length != features.RowCount)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need as many.", nameof(scores));
        }

        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                $"The rows' features are not the model's: {FirstDifference(features.Layout, Features)}. " +
                "Use the transform that the model was trained with.",
                nameof(features));
        }

        scores.Fill(Bias);
        var numericWeights = NumericWeights.AsSpan();
        for (var index = 0; index < numericWeights.Length; index++)
        {
            AddScaled(features.Numeric(index), numericWeights[index], scores);
        }

        var offsets = Features.CategoryOffsets.AsSpan();
        for (var index = 0; index < offsets.Length - 1; index++)
        {
            var table = CategoryWeights.AsSpan()[(int)offsets[index]..(int)offsets[index + 1]];
            AddLookedUp(features.Category(index), table, scores);
        }
    }

    // Vectors only widen the loop: each row still gets one multiplication and one addition, so the bits are those of the scalar
    // tail.
    static void AddScaled(ReadOnlySpan<float> values, float weight, Span<float> scores)
    {
        var wideValues = MemoryMarshal.Cast<float, Vector<float>>(values);
        var wideScores = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var wideWeight = new Vector<float>(weight);
        for (var lane = 0; lane < wideScores.Length; lane++)
        {
            wideScores[lane] += wideValues[lane] * wideWeight;
        }

        for (var row = wideScores.Length * Vector<float>.Count; row < scores.Length; row++)
        {
            scores[row] += values[row] * weight;
        }
    }

    static void AddLookedUp(ReadOnlySpan<int> categories, ReadOnlySpan<float> table, Span<float> scores)
    {
        for (var row = 0; row < categories.Length; row++)
        {
            scores[row] += table[categories[row]];
        }
    }

    static string FirstDifference(FeatureLayout found, FeatureLayout expected)
    {
        FeatureSpec[] ours = [.. expected.Numerics, .. expected.Categories];
        FeatureSpec[] theirs = [.. found.Numerics, .. found.Categories];
        var index = ours.AsSpan().CommonPrefixLength(theirs);
        var (their, our) = (theirs.ElementAtOrDefault(index), ours.ElementAtOrDefault(index));
        return $"feature {index} is {Describe(their) ?? "missing"}, expected {Describe(our) ?? "none"}";

        static string? Describe(FeatureSpec spec) => spec.Kind switch
        {
            FeatureKind.Numeric => $"'{spec.Name}', numeric",
            FeatureKind.Category => $"'{spec.Name}' of {spec.Cardinality:N0} categories",
            _ => null,
        };
    }

    static void CheckLength(ImmutableArray<float> weights, long expected, string what, string parameter)
    {
        if (weights.IsDefault || weights.Length != expected)
        {
            var found = weights.IsDefault ? 0 : weights.Length;
            throw new ArgumentException($"{found:N0} weights were given for {expected:N0} {what}; each needs one.", parameter);
        }
    }

    static void CheckFinite(ReadOnlySpan<float> weights, string parameter)
    {
        for (var index = 0; index < weights.Length; index++)
        {
            if (!float.IsFinite(weights[index]))
            {
                throw new ArgumentException(
                    $"The weight at position {index} is {weights[index]}; weights are finite numbers.", parameter);
            }
        }
    }
}

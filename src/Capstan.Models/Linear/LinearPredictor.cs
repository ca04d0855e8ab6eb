using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A linear model: <c>score = bias + Σ numericWeights[j] · x[j] + Σ categoryWeights[CategoryOffsets[k] + category[k]]</c>, once for
/// each of the output's scores.
/// </summary>
/// <remarks>
/// <para>The sum runs in single precision, strictly from left to right: bias, numeric features in layout order, categories in
/// layout order. Each product is rounded before it is added (no fused multiply-add). Rows do not meet, so a row's score has the
/// same bits in any batch. A sum beyond single precision becomes ±∞ or NaN; features in usual ranges never get there.</para>
/// <para>Immutable and thread-safe. Also the form of the baseline, whose weights are all 0.</para>
/// </remarks>
public sealed class LinearPredictor : IExplainablePredictor
{
    /// <summary>A model with one score for each row.</summary>
    /// <inheritdoc cref="LinearPredictor(ModelOutput, FeatureLayout, ImmutableArray{float}, ImmutableArray{float}, ImmutableArray{float})"/>
    public LinearPredictor(
        ModelOutput output,
        FeatureLayout features,
        float bias,
        ImmutableArray<float> numericWeights,
        ImmutableArray<float> categoryWeights)
        : this(output, features, [bias], numericWeights, categoryWeights)
    {
    }

    /// <param name="output">How many scores a row has, and what they mean.</param>
    /// <param name="features">The features expected.</param>
    /// <param name="biases">[output.Width], finite.</param>
    /// <param name="numericWeights">[features.Numerics.Length × output.Width], row-major, finite.</param>
    /// <param name="categoryWeights">[features.CategoryOffsets[^1] × output.Width], row-major, finite: the tables of all category
    /// features, one after another.</param>
    /// <exception cref="ArgumentException">A length does not fit the layout, or a weight is not finite.</exception>
    public LinearPredictor(
        ModelOutput output,
        FeatureLayout features,
        ImmutableArray<float> biases,
        ImmutableArray<float> numericWeights,
        ImmutableArray<float> categoryWeights)
    {
        CheckLength(biases, output.Width, "scores", nameof(biases));
        CheckLength(numericWeights, (long)features.Numerics.Length * output.Width, "numeric features", nameof(numericWeights));
        CheckLength(categoryWeights, features.CategoryOffsets[^1] * output.Width, "categories", nameof(categoryWeights));
        CheckFinite(biases.AsSpan(), nameof(biases));
        CheckFinite(numericWeights.AsSpan(), nameof(numericWeights));
        CheckFinite(categoryWeights.AsSpan(), nameof(categoryWeights));
        Output = output;
        Features = features;
        Biases = biases;
        NumericWeights = numericWeights;
        CategoryWeights = categoryWeights;
    }

    public ModelOutput Output { get; }

    public FeatureLayout Features { get; }

    /// <summary>[Output.Width]</summary>
    public ImmutableArray<float> Biases { get; }

    /// <summary>[Features.Numerics.Length × Output.Width]; feature j's weight for score s is at <c>j × Width + s</c>.</summary>
    public ImmutableArray<float> NumericWeights { get; }

    /// <summary>
    /// [Features.CategoryOffsets[^1] × Output.Width]; feature k's category c has its weight for score s at
    /// <c>(CategoryOffsets[k] + c) × Width + s</c>.
    /// </summary>
    public ImmutableArray<float> CategoryWeights { get; }

    public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

    /// <summary>Attributions are exact.</summary>
    public IAttributor CreateAttributor(ReferenceRows reference) => new LinearAttributor(this, reference);

    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        var width = Output.Width;
        if (scores.Length != (long)features.RowCount * width)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need {width:N0} each.", nameof(scores));
        }

        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                $"The rows' features are not the model's: {FirstDifference(features.Layout, Features)}. " +
                "Use the transform that the model was trained with.",
                nameof(features));
        }

        if (width == 1)
        {
            PredictOne(features, scores);
        }
        else
        {
            PredictMany(features, scores, width);
        }
    }

    void PredictOne(FeatureBuffer features, Span<float> scores)
    {
        scores.Fill(Biases[0]);
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

    /// <summary>A score for each class: the same sums, side by side.</summary>
    void PredictMany(FeatureBuffer features, Span<float> scores, int width)
    {
        for (var row = 0; row < features.RowCount; row++)
        {
            var sums = scores.Slice(row * width, width);
            Biases.AsSpan().CopyTo(sums);
            for (var index = 0; index < Features.Numerics.Length; index++)
            {
                var value = features.Numeric(index)[row];
                var weights = NumericWeights.AsSpan(index * width, width);
                for (var score = 0; score < sums.Length; score++)
                {
                    sums[score] += value * weights[score];
                }
            }

            for (var index = 0; index < Features.Categories.Length; index++)
            {
                var place = (int)Features.CategoryOffsets[index] + features.Category(index)[row];
                ElementKernels.Add(CategoryWeights.AsSpan(place * width, width), sums);
            }
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
        if (FloatBytes.IndexOfNotFinite(weights) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"The weight at position {index} is {weights[index]}; weights are finite numbers.", parameter);
        }
    }
}

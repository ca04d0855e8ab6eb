using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// What a network consists of, and where each part lies in its flat parameters: an embedding table for each category feature
/// [cardinality × dimension], row-major; then for each layer its weights [inputs × outputs], row-major, its bias [outputs]
/// and, of a
/// hidden layer that is normalised, its gain and its shift [outputs].
/// The first layer's inputs are the numeric features, then the embeddings, in the layout's order; the last layer has no
/// activation.
/// </summary>
public sealed class DnnShape
{
    readonly ImmutableArray<int> _embeddingOffsets;
    readonly ImmutableArray<int> _weightOffsets;

    /// <param name="embeddingDimensions">[category features] ≥ 0; a feature of dimension 0 is no input of the network.</param>
    /// <param name="hiddenUnits">[hidden layers] ≥ 1; none make the model linear.</param>
    /// <param name="activation">After each hidden layer.</param>
    /// <param name="outputCount">≥ 1: outputs of the last layer.</param>
    /// <param name="normalization">Before each hidden layer's activation.</param>
    /// <exception cref="ArgumentException">Counts do not match, a size is below 1, or there are more than 2³¹ − 1
    /// parameters.</exception>
    public DnnShape(
        FeatureLayout features,
        ImmutableArray<int> embeddingDimensions,
        ImmutableArray<int> hiddenUnits,
        Activation activation,
        int outputCount = 1,
        Normalization normalization = Normalization.None)
    {
        if (embeddingDimensions.Length != features.Categories.Length)
        {
            throw new ArgumentException(
                $"There are {embeddingDimensions.Length} embedding dimensions for {features.Categories.Length} " +
                "category features; give each one.",
                nameof(embeddingDimensions));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(outputCount, 1);
        if (embeddingDimensions.Any(size => size < 0) || hiddenUnits.Any(size => size < 1))
        {
            throw new ArgumentException(
                $"Embedding dimensions [{string.Join(", ", embeddingDimensions)}] must be at least 0, " +
                $"hidden units [{string.Join(", ", hiddenUnits)}] at least 1.",
                nameof(hiddenUnits));
        }

        if (!Enum.IsDefined(activation))
        {
            throw new ArgumentException(
                $"Activation {(int)activation} is unknown; this version knows {string.Join(", ", Enum.GetNames<Activation>())}.",
                nameof(activation));
        }

        if (!Enum.IsDefined(normalization))
        {
            throw new ArgumentException(
                $"Normalization {(int)normalization} is unknown; this version knows {string.Join(", ", Enum.GetNames<Normalization>())}.",
                nameof(normalization));
        }

        Features = features;
        Normalization = normalization;
        EmbeddingDimensions = embeddingDimensions;
        HiddenUnits = hiddenUnits;
        Activation = activation;
        OutputCount = outputCount;
        EmbeddedWidth = embeddingDimensions.Sum();

        var offset = 0L;
        _embeddingOffsets =
        [
            .. features.Categories.Select((feature, index) => Take((long)feature.Cardinality * embeddingDimensions[index])),
        ];
        EmbeddingParameterCount = (int)offset;
        _weightOffsets = [.. Enumerable.Range(0, LayerCount).Select(layer => Take((long)ParameterRows(layer) * Outputs(layer)))];
        ParameterCount = (int)offset;

        int Take(long count)
        {
            var start = offset;
            offset += count;
            return offset <= int.MaxValue ? (int)start : throw new ArgumentException(
                $"The network has more than {int.MaxValue:N0} parameters " +
                $"(embeddings of {features.CategoryOffsets[^1]:N0} categories); " +
                "use smaller vocabularies, fewer hash buckets or smaller dimensions.",
                nameof(features));
        }
    }

    public FeatureLayout Features { get; }

    public ImmutableArray<int> EmbeddingDimensions { get; }

    public ImmutableArray<int> HiddenUnits { get; }

    public Activation Activation { get; }

    /// <summary>What is done to a hidden layer's sums before its activation.</summary>
    public Normalization Normalization { get; }

    /// <summary>Outputs of the last layer.</summary>
    public int OutputCount { get; }

    /// <summary>The hidden layers and the output layer.</summary>
    public int LayerCount => HiddenUnits.Length + 1;

    /// <summary>The sum of the embedding dimensions.</summary>
    public int EmbeddedWidth { get; }

    /// <summary>How many of the parameters are embeddings; they come first.</summary>
    public int EmbeddingParameterCount { get; }

    public int ParameterCount { get; }

    public int Inputs(int layerIndex) => layerIndex == 0 ? Features.Numerics.Length + EmbeddedWidth : HiddenUnits[layerIndex - 1];

    public int Outputs(int layerIndex) => layerIndex == HiddenUnits.Length ? OutputCount : HiddenUnits[layerIndex];

    /// <summary>Where the table of a category feature begins.</summary>
    public int EmbeddingOffset(int featureIndex) => _embeddingOffsets[featureIndex];

    /// <summary>Where a layer's weights begin.</summary>
    public int WeightOffset(int layerIndex) => _weightOffsets[layerIndex];

    /// <summary>Where a layer's bias begins.</summary>
    public int BiasOffset(int layerIndex) => _weightOffsets[layerIndex] + Inputs(layerIndex) * Outputs(layerIndex);

    /// <summary>Where a normalised layer's gain begins.</summary>
    public int GainOffset(int layerIndex) => BiasOffset(layerIndex) + Outputs(layerIndex);

    /// <summary>Where a normalised layer's shift begins.</summary>
    public int ShiftOffset(int layerIndex) => GainOffset(layerIndex) + Outputs(layerIndex);

    public bool IsNormalized(int layerIndex) => Normalization != Normalization.None && layerIndex < HiddenUnits.Length;

    /// <summary>A layer's parameters as rows of its outputs: its inputs' weights, its bias, and where it is normalised gain
    /// and shift.</summary>
    public int ParameterRows(int layerIndex) => Inputs(layerIndex) + (IsNormalized(layerIndex) ? 3 : 1);

    /// <summary>Whether parameters of the one are parameters of the other.</summary>
    public bool IsLaidOutAs(DnnShape other) =>
        Features.Equals(other.Features) && EmbeddingDimensions.AsSpan().SequenceEqual(other.EmbeddingDimensions.AsSpan())
        && HiddenUnits.AsSpan().SequenceEqual(other.HiddenUnits.AsSpan()) && Activation == other.Activation
        && OutputCount == other.OutputCount && Normalization == other.Normalization;

    /// <summary>The activation after a layer.</summary>
    public Activation ActivationAfter(int layerIndex) => layerIndex == HiddenUnits.Length ? Activation.Identity : Activation;
}

using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>The knobs of networks, with and without a linear part.</summary>
public sealed partial record EstimatorDefinition
{
    /// <summary>DNN: units of each hidden layer.</summary>
    public IReadOnlyList<int>? HiddenUnits { get; init; }

    /// <summary>DNN: the width of every embedding; null chooses by cardinality.</summary>
    public int? EmbeddingDimension { get; init; }

    /// <summary>DNN: after each hidden layer, <c>relu</c> (the default), <c>gelu</c> or <c>tanh</c>.</summary>
    public string? Activation { get; init; }

    /// <summary>DNN: what is done to each hidden layer's sums before its activation, <c>none</c> (the default) or
    /// <c>layer</c>.</summary>
    public string? Normalization { get; init; }

    /// <summary>DNN: the share of hidden units left out at random while learning, from 0 to 0.95.</summary>
    public double? Dropout { get; init; }

    /// <summary>DNN: <c>adam</c> (the default), <c>adagrad</c> or <c>sgd</c>, which is gradient descent with momentum.</summary>
    public string? Optimizer { get; init; }

    /// <summary>DNN: gradients whose norm is larger are scaled down to it.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Wide and deep: names of the category features with linear weights of their own; null for all.</summary>
    public IReadOnlyList<string>? Wide { get; init; }

    /// <summary>
    /// Wide and deep: names of the category features that the network embeds; null for all of at most 100,000 categories.
    /// </summary>
    public IReadOnlyList<string>? Deep { get; init; }

    /// <summary>Wide and deep: the linear part's learning rate (α of FTRL-Proximal).</summary>
    public double? WideLearningRate { get; init; }

    internal bool IsDnn => Kind.Family() is EstimatorFamily.Dnn or EstimatorFamily.DnnLinearCombined;

    bool IsCombined => Kind.Family() == EstimatorFamily.DnnLinearCombined;

    /// <param name="earlier">A network to start from: what is left open is as it was there; null for none.</param>
    /// <param name="offset">The name of the feature that is an offset; null for none.</param>
    internal DnnOptions DnnOptions(FeatureLayout layout, ulong seed, long rows, int threads, DnnShape? earlier, string? offset)
    {
        var training = TrainingOptions(seed, rows);
        return new DnnOptions
        {
            HiddenUnits = HiddenUnits is not null ? [.. HiddenUnits] : earlier?.HiddenUnits ?? [64, 32],
            Offset = offset,
            EmbeddingDimension = EmbeddingDimension,
            EmbeddingDimensions = earlier is null || EmbeddingDimension is not null
                ? ImmutableDictionary<string, int>.Empty
                : WidthsOf(earlier),
            Activation = Activation is null ? earlier?.Activation ?? Data.Activation.Relu : Enum.Parse<Activation>(Activation, ignoreCase: true),
            Normalization = Normalization is null ? earlier?.Normalization ?? Models.Normalization.None : Enum.Parse<Normalization>(Normalization, ignoreCase: true),
            Dropout = Dropout ?? 0,
            Optimizer = Optimizer is null ? NetworkOptimizer.Adam : Enum.Parse<NetworkOptimizer>(Optimizer, ignoreCase: true),
            MaxGradientNorm = MaxGradientNorm,
            Embedded = !IsCombined ? null : Deep is not null ? [.. Deep] : SmallCategories(layout),
            Wide = !IsCombined ? null : new WideOptions
            {
                Categories = Wide is null ? null : [.. Wide],
                Ftrl = new LinearOptions
                {
                    LearningRate = (float)(WideLearningRate ?? 0.05), L1 = (float)(L1 ?? 0), L2 = (float)(L2 ?? 0),
                },
            },
            LearningRate = LearningRate ?? (rows < SmallData ? 0.001 : 0.002),
            L2 = IsCombined ? 0 : L2 ?? 0,
            Seed = seed,
            Threads = Math.Clamp(threads, 1, 64),
            // How long a stream is, only its end tells.
            DecaySteps = Stream ? 0 : training.Epochs * ((rows + training.BatchSize - 1) / training.BatchSize),
        };
    }

    void CheckNetwork(List<string> problems)
    {
        if (!IsCombined && ((object?)Wide ?? Deep ?? (object?)WideLearningRate) is not null)
        {
            problems.Add(
                $"estimator.wide, deep and wideLearningRate: {Kind} has none; use DnnLinearCombinedClassifier or …Regressor");
        }

        if (WideLearningRate is not (null or (> 0 and < double.PositiveInfinity)))
        {
            problems.Add($"estimator.wideLearningRate: found {WideLearningRate}, expected a number above 0");
        }

        if (IsDnn && !IsCombined && L1 is not null)
        {
            problems.Add($"estimator.l1: {Kind} has none; use l2");
        }

        if (!IsDnn &&
            (HiddenUnits ?? (object?)EmbeddingDimension ?? Activation ?? Normalization ?? Dropout ?? Optimizer ?? (
                object?)MaxGradientNorm) is not null)
        {
            problems.Add(
                "estimator.hiddenUnits, embeddingDimension, activation, normalization, dropout, optimizer and maxGradientNorm: " +
                $"{Kind} has none; use a Dnn… estimator");
        }

        if (HiddenUnits?.Any(units => units is < 1 or > 65_536) == true)
        {
            problems.Add("estimator.hiddenUnits: each from 1 to 65536");
        }

        CheckName(nameof(Activation), Activation, ActivationNames);
        CheckName(nameof(Normalization), Normalization, Enum.GetNames<Normalization>());
        CheckName(nameof(Optimizer), Optimizer, Enum.GetNames<NetworkOptimizer>());
        if (Dropout is not (null or (>= 0 and <= 0.95)))
        {
            problems.Add($"estimator.dropout: found {Dropout}, expected 0 to 0.95");
        }

        if (MaxGradientNorm is not (null or (> 0 and < double.PositiveInfinity)))
        {
            problems.Add($"estimator.maxGradientNorm: found {MaxGradientNorm}, expected a number above 0");
        }

        void CheckName(string member, string? found, IReadOnlyList<string> names)
        {
            if (found is not null && !names.Contains(found, StringComparer.OrdinalIgnoreCase))
            {
                problems.Add(
                    $"estimator.{member.ToLowerInvariant()}: found '{found}', expected {string.Join(", ", names).ToLowerInvariant()}");
            }
        }
    }

    static string[] ActivationNames => [.. Enum.GetNames<Activation>().Where(name => name != nameof(Data.Activation.Identity))];

    // An embedding costs its width in parameters and in Adam's moments; a linear weight is one number.
    const int MostEmbedded = 100_000;

    static ImmutableArray<string> SmallCategories(FeatureLayout layout) =>
        [.. layout.Categories.Where(feature => feature.Cardinality <= MostEmbedded).Select(feature => feature.Name)];

    static ImmutableDictionary<string, int> WidthsOf(DnnShape shape) => shape.Features.Categories.Zip(shape.EmbeddingDimensions)
        .Where(feature => feature.Second > 0).ToImmutableDictionary(feature => feature.First.Name, feature => feature.Second);

    // Small data needs many steps, and small batches give them; with many rows a few passes are enough. Few enough epochs that
    // the learning rate has fallen before early stopping ends them: 8 against 20 gains 0.0005 of AUC on Adult, over two seeds.
    const long SmallData = 100_000;

    static int DnnEpochs(long rows) => rows < SmallData ? 8 : rows < 1_000_000 ? 10 : 4;

    static int DnnBatchSize(long rows) => rows < 20_000 ? 64 : rows < 200_000 ? 128 : 512;
}

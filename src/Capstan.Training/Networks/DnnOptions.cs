using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>How a network turns gradients into steps.</summary>
public enum NetworkOptimizer : byte
{
    /// <summary>
    /// Kingma and Ba 2015. Embeddings: only rows that occur in a batch move, and only their moments decay (lazy Adam).
    /// </summary>
    Adam = 1,

    /// <summary>Duchi, Hazan and Singer 2011.</summary>
    Adagrad = 2,

    /// <summary>Gradient descent with momentum (Polyak 1964); embeddings move, and their velocities fade, only where they occur.</summary>
    Sgd = 3,
}

/// <summary>What a person chooses about a network and its learning. The defaults suit small and middling tabular data.</summary>
public sealed class DnnOptions
{
    /// <summary>Units of each hidden layer, each ≥ 1; none make the model linear.</summary>
    public ImmutableArray<int> HiddenUnits { get; init; } = [64, 32];

    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>What is done to a hidden layer's sums before its activation.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>The share of hidden units left out at random in each row of a batch, from 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>The width of every embedding; null chooses by cardinality, see <see cref="EmbeddingDimensionOf"/>.</summary>
    public int? EmbeddingDimension { get; init; }

    /// <summary>The widths of some features' embeddings, by the feature's name, before <see cref="EmbeddingDimension"/> applies.</summary>
    public ImmutableDictionary<string, int> EmbeddingDimensions { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Names of category features that are embedded; null for all. Numeric features always go into the network.</summary>
    public ImmutableArray<string>? Embedded { get; init; }

    /// <summary>A linear part trained jointly with the network; null for none.</summary>
    public WideOptions? Wide { get; init; }

    /// <summary>The name of a numeric feature that is added to every score as it is (<see cref="OffsetFeature"/>); null for none.</summary>
    public string? Offset { get; init; }

    public NetworkOptimizer Optimizer { get; init; } = NetworkOptimizer.Adam;

    /// <summary>α, above 0: about how far a parameter moves in one step.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Adam's decay of the mean gradient, from 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's decay of the mean squared gradient, from 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Of <see cref="NetworkOptimizer.Sgd"/>: how much of the last step is taken again, from 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>ε, above 0: keeps the optimizer from dividing by 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Steps over which the learning rate rises linearly from 0 to its full value.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>
    /// Steps, counted from the first, over which the rate falls along a half cosine to 1 % and then stays there; 0 for no fall.
    /// Falling to the planned end of training gains accuracy over a constant rate whenever the number of steps is known.
    /// </summary>
    /// <remarks>Source: I. Loshchilov, F. Hutter, "SGDR", ICLR 2017, eq. 5, one cycle; theirs falls to 0.</remarks>
    public long DecaySteps { get; init; }

    /// <summary>
    /// λ ≥ 0: ½ λ Σ w² over the weights (not the biases) and over the embeddings that occur in a batch is added to its mean
    /// loss.
    /// </summary>
    public double L2 { get; init; }

    /// <summary>Gradients with a larger Euclidean norm over all parameters are scaled down to it; null for never.</summary>
    public double? MaxGradientNorm { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>How many threads learn, from 1 to 64. Changes no result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>min(32, ⌊1.6 · cardinality^0.56 + ½⌋) unless chosen.</summary>
    /// <remarks>Source: fastai's <c>emb_sz_rule</c> (fastai/tabular/model.py), whose limit is 600.</remarks>
    public int EmbeddingDimensionOf(int cardinality) =>
        EmbeddingDimension ?? (int)Math.Min(32, Math.Floor(1.6 * Math.Pow(cardinality, 0.56) + 0.5));

    /// <summary>The share of <see cref="LearningRate"/> used in a step, of which the first is number 1.</summary>
    public double RateFactorAt(long stepNumber)
    {
        if (stepNumber < WarmupSteps)
        {
            return (double)stepNumber / WarmupSteps;
        }

        if (DecaySteps == 0)
        {
            return 1;
        }

        var progress = Math.Min(1, (double)(stepNumber - WarmupSteps) / Math.Max(1, DecaySteps - WarmupSteps));
        return 0.01 + 0.99 * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }

    /// <summary>The network that these options make of some features.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names all that are.</exception>
    public DnnShape ShapeFor(FeatureLayout features, int outputCount = 1)
    {
        Validate();
        if (Embedded?.FirstOrDefault(name => features.Categories.All(spec => spec.Name != name)) is { } unknown)
        {
            throw new ArgumentException(
                $"'{unknown}' is no category feature, so it can't be embedded; there are " +
                $"{string.Join(", ", features.Categories.Select(spec => spec.Name))}.");
        }

        return new DnnShape(
            features,
            [
                .. features.Categories.Select(spec =>
                    Embedded is { } names && !names.Contains(spec.Name, StringComparer.Ordinal) ? 0
                    : EmbeddingDimensions.TryGetValue(spec.Name, out var dimension) ? dimension
                    : EmbeddingDimensionOf(spec.Cardinality)),
            ],
            HiddenUnits, Activation, outputCount, Normalization);
    }

    /// <exception cref="ArgumentException">An option is out of its range; the message names all that are.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        Require(!HiddenUnits.IsDefault && HiddenUnits.All(units => units is >= 1 and <= 65_536), nameof(HiddenUnits),
            HiddenUnits.IsDefault ? null : string.Join(", ", HiddenUnits), "from 1 to 65536 each");
        Require(Enum.IsDefined(Activation), nameof(Activation), Activation, string.Join(" or ", Enum.GetNames<Activation>()));
        Require(Enum.IsDefined(Normalization), nameof(Normalization), Normalization, string.Join(" or ", Enum.GetNames<Normalization>()));
        Require(Enum.IsDefined(Optimizer), nameof(Optimizer), Optimizer, string.Join(" or ", Enum.GetNames<NetworkOptimizer>()));
        Require(EmbeddingDimension is null or (>= 1 and <= 4_096), nameof(EmbeddingDimension), EmbeddingDimension,
            "from 1 to 4096");
        Require(Dropout is >= 0 and <= 0.95, nameof(Dropout), Dropout, "from 0 to 0.95");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "from 0 to below 1");
        Require(LearningRate is > 0 and <= 1e6, nameof(LearningRate), LearningRate, "above 0");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "from 0 to below 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "from 0 to below 1");
        Require(Epsilon is >= 1e-30 and < 1, nameof(Epsilon), Epsilon, "from 1e-30 to below 1");
        Require(L2 is >= 0 and < 1e6, nameof(L2), L2, "0 or more");
        Require(MaxGradientNorm is null or (> 0 and < double.PositiveInfinity), nameof(MaxGradientNorm), MaxGradientNorm,
            "above 0");
        Require(Threads is >= 1 and <= 64, nameof(Threads), Threads, "from 1 to 64");
        Require(WarmupSteps >= 0, nameof(WarmupSteps), WarmupSteps, "0 or more");
        Require(DecaySteps == 0 || DecaySteps >= WarmupSteps, nameof(DecaySteps), DecaySteps,
            $"0 or at least {nameof(WarmupSteps)}");
        if (errors.Count > 0)
        {
            throw new ArgumentException($"These network options are out of range: {string.Join("; ", errors)}.");
        }

        void Require(bool holds, string name, object? found, string expected)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant($"{name} is {found ?? "missing"}, expected {expected}"));
            }
        }
    }
}

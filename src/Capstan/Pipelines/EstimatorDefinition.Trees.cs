using System.Collections.Immutable;
using Capstan.Training.Trees;

namespace Capstan;

/// <summary>The knobs of boosted trees.</summary>
public sealed partial record EstimatorDefinition
{
    /// <summary>Boosted trees: how many, at most.</summary>
    public int? Trees { get; init; }

    /// <summary>Boosted trees: leaves of each, at most.</summary>
    public int? Leaves { get; init; }

    /// <summary>Boosted trees: splits between root and leaf, at most.</summary>
    public int? MaxDepth { get; init; }

    /// <summary>Boosted trees: training rows in each leaf, at least.</summary>
    public int? MinExamplesInLeaf { get; init; }

    /// <summary>Boosted trees: the share of rows that each tree learns from.</summary>
    public double? BaggingShare { get; init; }

    /// <summary>Boosted trees: the share of features that each tree may use.</summary>
    public double? FeatureShare { get; init; }

    /// <summary>Boosted trees: bins that a number's values are sorted into.</summary>
    public int? MaxBins { get; init; }

    /// <summary>Boosted trees: how far a rare category's effect is pulled to the average.</summary>
    public double? CategorySmoothing { get; init; }

    /// <summary>
    /// Boosted trees: numeric features, by name, with which predictions only rise (<c>increasing</c>) or fall
    /// (<c>decreasing</c>).
    /// </summary>
    public IReadOnlyDictionary<string, string>? Monotone { get; init; }

    internal bool IsTrees => Kind.Family() == EstimatorFamily.BoostedTrees;

    internal BoostedTreesOptions BoostedTreesOptions(
        ulong seed, int threads, string? offset, ImmutableDictionary<string, float> missingValues)
    {
        var defaults = Training.Trees.BoostedTreesOptions.Default;
        return new BoostedTreesOptions
        {
            Trees = Trees ?? defaults.Trees,
            Leaves = Leaves ?? defaults.Leaves,
            MaxDepth = MaxDepth,
            LearningRate = LearningRate ?? defaults.LearningRate,
            MinExamplesInLeaf = MinExamplesInLeaf ?? defaults.MinExamplesInLeaf,
            L1 = L1 ?? 0,
            L2 = L2 ?? 0,
            BaggingShare = BaggingShare ?? 1,
            FeatureShare = FeatureShare ?? 1,
            MaxBins = MaxBins ?? defaults.MaxBins,
            CategorySmoothing = CategorySmoothing ?? defaults.CategorySmoothing,
            Monotone = (Monotone ?? ImmutableDictionary<string, string>.Empty)
                .ToImmutableDictionary(feature => feature.Key, feature => Directions[feature.Value]),
            Offset = offset,
            MissingValues = missingValues,
            Patience = Patience ?? defaults.Patience,
            Seed = seed,
            Threads = Math.Clamp(threads, 1, 64),
        };
    }

    static readonly Dictionary<string, Monotonicity> Directions = new(StringComparer.Ordinal)
    {
        ["increasing"] = Monotonicity.Increasing,
        ["decreasing"] = Monotonicity.Decreasing,
    };

    void CheckTrees(List<string> problems)
    {
        (string Name, object? Value)[] knobs =
        [
            ("trees", Trees), ("leaves", Leaves), ("maxDepth", MaxDepth), ("minExamplesInLeaf", MinExamplesInLeaf),
            ("baggingShare", BaggingShare), ("featureShare", FeatureShare), ("maxBins", MaxBins),
            ("categorySmoothing", CategorySmoothing), ("monotone", Monotone),
        ];
        if (!IsTrees)
        {
            foreach (var (name, _) in knobs.Where(knob => knob.Value is not null))
            {
                problems.Add(
                    $"estimator.{name}: {Kind} has none; use {nameof(EstimatorKind.BoostedTreesClassifier)} or " +
                    $"{nameof(EstimatorKind.BoostedTreesRegressor)}");
            }

            return;
        }

        foreach (var (feature, direction) in Monotone ?? ImmutableDictionary<string, string>.Empty)
        {
            if (!Directions.ContainsKey(direction ?? ""))
            {
                problems.Add($"estimator.monotone.{feature}: found '{direction}', expected increasing or decreasing");
            }
        }

        CheckCount("leaves", Leaves, 2, 131_072);
        CheckCount("maxBins", MaxBins, 2, 65_535);
        CheckCount("trees", Trees, 1, 1_000_000);
        CheckCount("maxDepth", MaxDepth, 1, int.MaxValue);
        CheckCount("minExamplesInLeaf", MinExamplesInLeaf, 1, int.MaxValue);
        CheckShare("baggingShare", BaggingShare);
        CheckShare("featureShare", FeatureShare);
        CheckShare("learningRate", LearningRate);
        if (CategorySmoothing is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            problems.Add($"estimator.categorySmoothing: found {CategorySmoothing}, expected 0 or more");
        }

        (string Name, bool IsGiven)[] others =
        [
            ("epochs", Epochs is not null), ("batchSize", BatchSize is not null), ("stream", Stream),
        ];
        foreach (var (name, _) in others.Where(other => other.IsGiven))
        {
            problems.Add($"estimator.{name}: {Kind} has none; each of its trees is grown on all stored rows");
        }

        void CheckCount(string name, int? value, int least, int most)
        {
            if (value < least || value > most)
            {
                problems.Add($"estimator.{name}: found {value}, expected {least} to {most}");
            }
        }

        void CheckShare(string name, double? value)
        {
            if (value is not (null or (> 0 and <= 1)))
            {
                problems.Add($"estimator.{name}: found {value}, expected above 0, at most 1");
            }
        }
    }
}

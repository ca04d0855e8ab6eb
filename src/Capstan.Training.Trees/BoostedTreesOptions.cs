using System.Collections.Immutable;

namespace Capstan.Training.Trees;

/// <summary>Which way a prediction may move with a feature, all others held.</summary>
public enum Monotonicity : sbyte
{
    Decreasing = -1,
    Increasing = 1,
}

/// <summary>What a person chooses about boosted trees. The defaults suit tables of a thousand rows and more.</summary>
public sealed class BoostedTreesOptions
{
    public static BoostedTreesOptions Default { get; } = new();

    /// <summary>How many trees, at most.</summary>
    public int Trees { get; init; } = 200;

    /// <summary>Leaves of a tree, at most; 2 or more. Trees grow leaf by leaf, the most useful one first.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Splits between root and leaf, at most; null for no limit but that of the leaves.</summary>
    public int? MaxDepth { get; init; }

    /// <summary>Shrinks what every tree adds; above 0, at most 1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Training rows in each leaf, at least.</summary>
    public int MinExamplesInLeaf { get; init; } = 20;

    /// <summary>λ₁ ≥ 0 on the leaves' values.</summary>
    public double L1 { get; init; }

    /// <summary>λ₂ ≥ 0 on the leaves' values.</summary>
    public double L2 { get; init; }

    /// <summary>A split must lower the objective by at least this much; 0 or more.</summary>
    public double MinGain { get; init; }

    /// <summary>The share of rows that each tree learns from, drawn anew for every tree; above 0, at most 1.</summary>
    public double BaggingShare { get; init; } = 1;

    /// <summary>The share of features that each tree may use, drawn anew for every tree; above 0, at most 1.</summary>
    public double FeatureShare { get; init; } = 1;

    /// <summary>Bins that a numeric feature's values are sorted into, from 2 to 65535.</summary>
    public int MaxBins { get; init; } = 255;

    /// <summary>Rows by which the bins are chosen, drawn evenly from all; fewer where there are very many features.</summary>
    public int BinningRows { get; init; } = 200_000;

    /// <summary>≥ 0: how far a rare category's effect is pulled to the average; raise it if categories are rare and noisy.</summary>
    public double CategorySmoothing { get; init; } = 10;

    /// <summary>λ₂ ≥ 0 of splits on categories, on top of <see cref="L2"/>.</summary>
    public double CategoryL2 { get; init; } = 10;

    /// <summary>Categories that a split may part from the others, at most.</summary>
    public int MaxCategoriesPerSplit { get; init; } = 32;

    /// <summary>Numeric features, by name, with which predictions may only rise or only fall.</summary>
    public ImmutableDictionary<string, Monotonicity> Monotone { get; init; } = ImmutableDictionary<string, Monotonicity>.Empty;

    /// <summary>
    /// Numeric features, by name, with the value that stands for a missing one: where it lies below all others by at least as much
    /// as they span, each split learns which way missing values go (LightGBM's <c>use_missing</c>); else it is a number.
    /// </summary>
    public ImmutableDictionary<string, float> MissingValues { get; init; } = ImmutableDictionary<string, float>.Empty;

    /// <summary>The numeric feature that is added to every score as it is (<see cref="OffsetFeature"/>); null for none.</summary>
    public string? Offset { get; init; }

    /// <summary>Stop after so many trees in a row without a lower validation loss; null never stops early.</summary>
    public int? Patience { get; init; } = 30;

    /// <summary>For bagging and feature sampling.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many threads grow the trees; at least 1. Changes no result.</summary>
    public int Threads { get; init; } = 1;

    /// <exception cref="ArgumentException">One or more values are out of range; the message lists them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        Require(Trees is >= 1 and <= 1_000_000, nameof(Trees), Trees, "from 1 to 1000000");
        Require(Leaves is >= 2 and <= 131_072, nameof(Leaves), Leaves, "from 2 to 131072");
        Require(MaxDepth is null or >= 1, nameof(MaxDepth), MaxDepth, "1 or more");
        Require(IsShare(LearningRate), nameof(LearningRate), LearningRate, "above 0, at most 1");
        Require(MinExamplesInLeaf >= 1, nameof(MinExamplesInLeaf), MinExamplesInLeaf, "1 or more");
        Require(IsAmount(L1), nameof(L1), L1, "0 or more");
        Require(IsAmount(L2), nameof(L2), L2, "0 or more");
        Require(IsAmount(MinGain), nameof(MinGain), MinGain, "0 or more");
        Require(IsShare(BaggingShare), nameof(BaggingShare), BaggingShare, "above 0, at most 1");
        Require(IsShare(FeatureShare), nameof(FeatureShare), FeatureShare, "above 0, at most 1");
        Require(MaxBins is >= 2 and <= 65_535, nameof(MaxBins), MaxBins, "from 2 to 65535");
        Require(BinningRows >= 1, nameof(BinningRows), BinningRows, "1 or more");
        Require(IsAmount(CategorySmoothing), nameof(CategorySmoothing), CategorySmoothing, "0 or more");
        Require(IsAmount(CategoryL2), nameof(CategoryL2), CategoryL2, "0 or more");
        Require(MaxCategoriesPerSplit >= 1, nameof(MaxCategoriesPerSplit), MaxCategoriesPerSplit, "1 or more");
        Require(Patience is null or >= 1, nameof(Patience), Patience, "1 or more");
        Require(Threads is >= 1 and <= MostThreads, nameof(Threads), Threads, $"from 1 to {MostThreads}");
        if (problems.Count > 0)
        {
            throw new ArgumentException($"These options of boosted trees are out of range: {string.Join("; ", problems)}.");
        }

        void Require(bool holds, string name, object? found, string expected)
        {
            if (!holds)
            {
                problems.Add(FormattableString.Invariant($"{name} is {found}, expected {expected}"));
            }
        }
    }

    /// <summary>Whether rows or features are drawn for each tree.</summary>
    internal bool Draws => BaggingShare < 1 || FeatureShare < 1;

    internal const int MostThreads = 1024;

    static bool IsShare(double value) => value is > 0 and <= 1;

    static bool IsAmount(double value) => value is >= 0 and < double.PositiveInfinity;
}

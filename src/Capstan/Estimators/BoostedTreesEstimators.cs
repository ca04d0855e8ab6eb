using Capstan.Training;

namespace Capstan;

/// <summary>Decision trees that each mend what those before them left, grown by LightGBM.</summary>
public abstract class BoostedTreesEstimator : Estimator
{
    private protected BoostedTreesEstimator(string label, EstimatorKind kind)
        : base(label, kind)
    {
    }

    /// <summary>How many trees, at most.</summary>
    public int? Trees
    {
        get => Pipeline.Estimator.Trees;
        init => Change(estimator => estimator with { Trees = value });
    }

    /// <summary>Leaves of each tree, at most.</summary>
    public int? Leaves
    {
        get => Pipeline.Estimator.Leaves;
        init => Change(estimator => estimator with { Leaves = value });
    }

    /// <summary>Training rows in each leaf, at least.</summary>
    public int? MinExamplesInLeaf
    {
        get => Pipeline.Estimator.MinExamplesInLeaf;
        init => Change(estimator => estimator with { MinExamplesInLeaf = value });
    }

    /// <summary>Splits between root and leaf, at most.</summary>
    public int? MaxDepth
    {
        get => Pipeline.Estimator.MaxDepth;
        init => Change(estimator => estimator with { MaxDepth = value });
    }

    /// <summary>Bins that a number's values are sorted into.</summary>
    public int? MaxBins
    {
        get => Pipeline.Estimator.MaxBins;
        init => Change(estimator => estimator with { MaxBins = value });
    }

    /// <summary>How far a rare category's effect is pulled to the average.</summary>
    public double? CategorySmoothing
    {
        get => Pipeline.Estimator.CategorySmoothing;
        init => Change(estimator => estimator with { CategorySmoothing = value });
    }

    /// <summary>Pulls leaves to exactly 0.</summary>
    public double? L1
    {
        get => Pipeline.Estimator.L1;
        init => Change(estimator => estimator with { L1 = value });
    }

    /// <summary>The share of rows that each tree learns from.</summary>
    public double? BaggingShare
    {
        get => Pipeline.Estimator.BaggingShare;
        init => Change(estimator => estimator with { BaggingShare = value });
    }

    /// <summary>The share of features that each tree may use.</summary>
    public double? FeatureShare
    {
        get => Pipeline.Estimator.FeatureShare;
        init => Change(estimator => estimator with { FeatureShare = value });
    }

    /// <summary>
    /// Numeric features, by name, with which predictions only rise (<c>increasing</c>) or only fall (<c>decreasing</c>).
    /// </summary>
    public IReadOnlyDictionary<string, string>? Monotone
    {
        get => Pipeline.Estimator.Monotone;
        init => Change(estimator => estimator with { Monotone = value });
    }
}

/// <summary>Boosted trees that tell classes apart; labels as for <see cref="LinearClassifier"/>.</summary>
public sealed class BoostedTreesClassifier(string label) : BoostedTreesEstimator(label, EstimatorKind.BoostedTreesClassifier)
{
    /// <summary>How much the rows of each class count: <c>new() { ["yes"] = 3 }</c>, or <see cref="ClassWeights.Balanced"/>.</summary>
    public ClassWeights? ClassWeights
    {
        get => Pipeline.Estimator.ClassWeights;
        init => Change(estimator => estimator with { ClassWeights = value });
    }
}

/// <summary>Boosted trees that predict a number.</summary>
public sealed class BoostedTreesRegressor(string label) : BoostedTreesEstimator(label, EstimatorKind.BoostedTreesRegressor)
{
    /// <summary>What is made small; squared error by default.</summary>
    public Loss? Loss
    {
        get => LossOfPipeline;
        init => LossOfPipeline = value;
    }
}

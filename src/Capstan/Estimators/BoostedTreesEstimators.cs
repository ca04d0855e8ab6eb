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
public sealed class BoostedTreesClassifier(string label) : BoostedTreesEstimator(label, EstimatorKind.BoostedTreesClassifier);

/// <summary>Boosted trees that predict a number.</summary>
public sealed class BoostedTreesRegressor(string label) : BoostedTreesEstimator(label, EstimatorKind.BoostedTreesRegressor);

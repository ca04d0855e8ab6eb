namespace Capstan;

/// <summary>The estimator families, by the names that TensorFlow's canned estimators had.</summary>
public enum EstimatorKind
{
    LinearClassifier,
    LinearRegressor,
    DnnClassifier,
    DnnRegressor,
    DnnLinearCombinedClassifier,
    DnnLinearCombinedRegressor,
    BaselineClassifier,
    BaselineRegressor,
    BoostedTreesClassifier,
    BoostedTreesRegressor,
}

/// <summary>What kind of model; whether it classifies or predicts a number follows from the label.</summary>
public enum EstimatorFamily
{
    Linear,
    Dnn,
    DnnLinearCombined,
    Baseline,
    BoostedTrees,
}

/// <summary>How kinds and families belong together.</summary>
public static class EstimatorKinds
{
    static readonly (EstimatorFamily Family, EstimatorKind Classifier, EstimatorKind Regressor)[] All =
    [
        (EstimatorFamily.Linear, EstimatorKind.LinearClassifier, EstimatorKind.LinearRegressor),
        (EstimatorFamily.Dnn, EstimatorKind.DnnClassifier, EstimatorKind.DnnRegressor),
        (EstimatorFamily.DnnLinearCombined, EstimatorKind.DnnLinearCombinedClassifier, EstimatorKind.DnnLinearCombinedRegressor),
        (EstimatorFamily.Baseline, EstimatorKind.BaselineClassifier, EstimatorKind.BaselineRegressor),
        (EstimatorFamily.BoostedTrees, EstimatorKind.BoostedTreesClassifier, EstimatorKind.BoostedTreesRegressor),
    ];

    public static bool IsClassifier(this EstimatorKind kind) => All.Any(row => row.Classifier == kind);

    public static EstimatorFamily Family(this EstimatorKind kind) =>
        All.First(row => row.Classifier == kind || row.Regressor == kind).Family;

    /// <summary>The family's estimator for classes or for numbers.</summary>
    public static EstimatorKind For(this EstimatorFamily family, bool classes) =>
        All.First(row => row.Family == family) is var found && classes ? found.Classifier : found.Regressor;
}

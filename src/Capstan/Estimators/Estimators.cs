using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>A linear model trained by FTRL-Proximal.</summary>
public abstract class LinearEstimator : Estimator
{
    private protected LinearEstimator(string label, EstimatorKind kind)
        : base(label, kind)
    {
    }

    /// <summary>Pulls weights to exactly 0.</summary>
    public double? L1
    {
        get => Pipeline.Estimator.L1;
        init => Change(estimator => estimator with { L1 = value });
    }
}

/// <summary>
/// Logistic regression. The label has two classes (a boolean, a text or number of two values, or a condition such as
/// <c>delay &gt; 15</c>), or more: a text, or whole numbers less than 1,000 apart.
/// </summary>
public sealed class LinearClassifier(string label) : LinearEstimator(label, EstimatorKind.LinearClassifier)
{
    /// <summary>How much the rows of each class count: <c>new() { ["yes"] = 3 }</c>, or <see cref="ClassWeights.Balanced"/>.</summary>
    public ClassWeights? ClassWeights
    {
        get => Pipeline.Estimator.ClassWeights;
        init => Change(estimator => estimator with { ClassWeights = value });
    }
}

/// <summary>Linear regression of a number.</summary>
public sealed class LinearRegressor(string label) : LinearEstimator(label, EstimatorKind.LinearRegressor)
{
    /// <summary>What is made small; squared error by default.</summary>
    public Loss? Loss
    {
        get => LossOfPipeline;
        init => LossOfPipeline = value;
    }
}

/// <summary>A feed-forward network over numbers and embeddings of categories.</summary>
public abstract class DnnEstimator : Estimator
{
    private protected DnnEstimator(string label, EstimatorKind kind)
        : base(label, kind)
    {
    }

    /// <summary>Units of each hidden layer.</summary>
    public IReadOnlyList<int>? HiddenUnits
    {
        get => Pipeline.Estimator.HiddenUnits;
        init => Change(estimator => estimator with { HiddenUnits = value });
    }

    /// <summary>The width of every embedding; null chooses by cardinality.</summary>
    public int? EmbeddingDimension
    {
        get => Pipeline.Estimator.EmbeddingDimension;
        init => Change(estimator => estimator with { EmbeddingDimension = value });
    }

    /// <summary>After each hidden layer; <see cref="Activation.Relu"/> by default.</summary>
    public Activation? Activation
    {
        get => Enum.TryParse<Activation>(Pipeline.Estimator.Activation, ignoreCase: true, out var activation) ? activation : null;
        init => Change(estimator => estimator with { Activation = value?.ToString().ToLowerInvariant() });
    }

    /// <summary>What is done to a hidden layer's sums before its activation; <see cref="Models.Normalization.None"/> by default.</summary>
    public Normalization? Normalization
    {
        get => Enum.TryParse<Normalization>(Pipeline.Estimator.Normalization, ignoreCase: true, out var normalization) ? normalization : null;
        init => Change(estimator => estimator with { Normalization = value?.ToString().ToLowerInvariant() });
    }

    /// <summary>The share of hidden units left out at random while learning, from 0 to 0.95.</summary>
    public double? Dropout
    {
        get => Pipeline.Estimator.Dropout;
        init => Change(estimator => estimator with { Dropout = value });
    }

    /// <summary>How gradients become steps; <see cref="NetworkOptimizer.Adam"/> by default.</summary>
    public NetworkOptimizer? Optimizer
    {
        get => Enum.TryParse<NetworkOptimizer>(Pipeline.Estimator.Optimizer, ignoreCase: true, out var optimizer) ? optimizer
            : null;
        init => Change(estimator => estimator with { Optimizer = value?.ToString().ToLowerInvariant() });
    }

    /// <summary>Gradients whose norm is larger are scaled down to it.</summary>
    public double? MaxGradientNorm
    {
        get => Pipeline.Estimator.MaxGradientNorm;
        init => Change(estimator => estimator with { MaxGradientNorm = value });
    }
}

/// <summary>A network that tells classes apart; labels as for <see cref="LinearClassifier"/>.</summary>
public sealed class DnnClassifier(string label) : DnnEstimator(label, EstimatorKind.DnnClassifier)
{
    /// <summary>How much the rows of each class count: <c>new() { ["yes"] = 3 }</c>, or <see cref="ClassWeights.Balanced"/>.</summary>
    public ClassWeights? ClassWeights
    {
        get => Pipeline.Estimator.ClassWeights;
        init => Change(estimator => estimator with { ClassWeights = value });
    }
}

/// <summary>A network that predicts a number.</summary>
public sealed class DnnRegressor(string label) : DnnEstimator(label, EstimatorKind.DnnRegressor)
{
    /// <summary>What is made small; squared error by default.</summary>
    public Loss? Loss
    {
        get => LossOfPipeline;
        init => LossOfPipeline = value;
    }
}

/// <summary>What every other classifier has to beat: the classes' shares, whatever the features.</summary>
public sealed class BaselineClassifier(string label) : Estimator(label, EstimatorKind.BaselineClassifier)
{
    /// <summary>How much the rows of each class count: <c>new() { ["yes"] = 3 }</c>, or <see cref="ClassWeights.Balanced"/>.</summary>
    public ClassWeights? ClassWeights
    {
        get => Pipeline.Estimator.ClassWeights;
        init => Change(estimator => estimator with { ClassWeights = value });
    }
}

/// <summary>What every other regressor has to beat: the best constant.</summary>
public sealed class BaselineRegressor(string label) : Estimator(label, EstimatorKind.BaselineRegressor)
{
    /// <summary>What is made small; squared error by default, which predicts the mean.</summary>
    public Loss? Loss
    {
        get => LossOfPipeline;
        init => LossOfPipeline = value;
    }
}

/// <summary>
/// Wide and deep: a linear model over categories and a network over numbers and embeddings, trained jointly. The linear part
/// memorises, the network generalises.
/// </summary>
public abstract class DnnLinearCombinedEstimator : DnnEstimator
{
    private protected DnnLinearCombinedEstimator(string label, EstimatorKind kind)
        : base(label, kind)
    {
    }

    /// <summary>Names of the category features with linear weights of their own; null for all.</summary>
    public IReadOnlyList<string>? Wide
    {
        get => Pipeline.Estimator.Wide;
        init => Change(estimator => estimator with { Wide = value });
    }

    /// <summary>Names of the category features that the network embeds; null for all of at most 100,000 categories.</summary>
    public IReadOnlyList<string>? Deep
    {
        get => Pipeline.Estimator.Deep;
        init => Change(estimator => estimator with { Deep = value });
    }

    /// <summary>The linear part's learning rate (α of FTRL-Proximal).</summary>
    public double? WideLearningRate
    {
        get => Pipeline.Estimator.WideLearningRate;
        init => Change(estimator => estimator with { WideLearningRate = value });
    }

    /// <summary>Pulls linear weights to exactly 0.</summary>
    public double? L1
    {
        get => Pipeline.Estimator.L1;
        init => Change(estimator => estimator with { L1 = value });
    }
}

/// <summary>A wide-and-deep model that tells classes apart; labels as for <see cref="LinearClassifier"/>.</summary>
public sealed class DnnLinearCombinedClassifier(string label)
    : DnnLinearCombinedEstimator(label, EstimatorKind.DnnLinearCombinedClassifier)
{
    /// <summary>How much the rows of each class count: <c>new() { ["yes"] = 3 }</c>, or <see cref="ClassWeights.Balanced"/>.</summary>
    public ClassWeights? ClassWeights
    {
        get => Pipeline.Estimator.ClassWeights;
        init => Change(estimator => estimator with { ClassWeights = value });
    }
}

/// <summary>A wide-and-deep model that predicts a number.</summary>
public sealed class DnnLinearCombinedRegressor(string label)
    : DnnLinearCombinedEstimator(label, EstimatorKind.DnnLinearCombinedRegressor)
{
    /// <summary>What is made small; squared error by default.</summary>
    public Loss? Loss
    {
        get => LossOfPipeline;
        init => LossOfPipeline = value;
    }
}

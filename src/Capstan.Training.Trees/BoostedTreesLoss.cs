using System.Diagnostics;

namespace Capstan.Training.Trees;

/// <summary>What boosted trees minimise.</summary>
public enum BoostedTreesLoss : byte
{
    /// <summary>Two classes: −ln of the probability given to the true one. The label is 0 or 1.</summary>
    Log = 1,

    /// <summary>(prediction − label)²: predicts the mean.</summary>
    Squared = 2,

    /// <summary>|prediction − label|: predicts the median.</summary>
    Absolute = 3,

    /// <summary>Squared up to <see cref="BoostedTreesOptions.HuberDelta"/>, linear beyond: the mean, but for far-off labels.</summary>
    Huber = 4,

    /// <summary>Predicts the <see cref="BoostedTreesOptions.QuantileLevel"/> quantile.</summary>
    Quantile = 5,
}

/// <summary>The loss of one prediction, and what LightGBM calls it.</summary>
readonly record struct LossFunction(BoostedTreesLoss Loss, double HuberDelta, double QuantileLevel)
{
    public string Objective => Loss switch
    {
        BoostedTreesLoss.Log => "binary",
        BoostedTreesLoss.Squared => "regression",
        BoostedTreesLoss.Absolute => "regression_l1",
        BoostedTreesLoss.Huber => "huber",
        BoostedTreesLoss.Quantile => "quantile",
        _ => throw new UnreachableException(),
    };

    /// <summary>The measure of training rows. Its own sums depend in the last bits on the number of threads: only for reports.</summary>
    public string Metric => Loss switch
    {
        BoostedTreesLoss.Log => "binary_logloss",
        BoostedTreesLoss.Squared => "l2",
        BoostedTreesLoss.Absolute => "l1",
        BoostedTreesLoss.Huber => "huber",
        BoostedTreesLoss.Quantile => "quantile",
        _ => throw new UnreachableException(),
    };

    /// <param name="prediction">Log: the probability of class 1. Otherwise the predicted value.</param>
    public double Of(double prediction, float label)
    {
        var residual = label - prediction;
        return Loss switch
        {
            BoostedTreesLoss.Log => -label * Math.Log(Math.Max(prediction, SmallestShare))
                - (1 - label) * Math.Log(Math.Max(1 - prediction, SmallestShare)),
            BoostedTreesLoss.Squared => residual * residual,
            BoostedTreesLoss.Absolute => Math.Abs(residual),
            BoostedTreesLoss.Huber => Math.Abs(residual) <= HuberDelta
                ? 0.5 * residual * residual
                : HuberDelta * (Math.Abs(residual) - 0.5 * HuberDelta),
            BoostedTreesLoss.Quantile => residual >= 0 ? QuantileLevel * residual : (QuantileLevel - 1) * residual,
            _ => throw new UnreachableException(),
        };
    }

    // A probability that rounds to 0 or 1 costs much, not infinitely much.
    const double SmallestShare = 1e-15;
}

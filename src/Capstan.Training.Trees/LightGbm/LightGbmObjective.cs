using System.Diagnostics;

namespace Capstan.Training.Trees;

/// <summary>A loss as LightGBM knows it. It hands out predictions, not scores: this turns them back.</summary>
readonly record struct LightGbmObjective(Loss Loss)
{
    // A probability that rounds to 0 or 1 costs much, not infinitely much.
    const double SmallestShare = 1e-15;

    public string Name => Loss switch
    {
        // Not "binary", which takes shares in between for ones.
        Loss.Logistic => "cross_entropy",
        Loss.Softmax => "multiclass",
        Loss.Squared => "regression",
        Loss.Absolute => "regression_l1",
        Loss.Huber => "huber",
        Loss.Quantile => "quantile",
        Loss.Poisson => "poisson",
        Loss.Gamma => "gamma",
        _ => throw new UnreachableException($"LightGBM has no objective for {Loss}."),
    };

    /// <summary>Huber's delta or a quantile's share; what others ignore.</summary>
    public double Alpha => Loss switch
    {
        Loss.Huber huber => huber.Delta,
        Loss.Quantile quantile => quantile.Probability,
        _ => 0.5,
    };

    /// <summary>The scores of a prediction, up to a constant for all classes.</summary>
    /// <param name="predictions">[rows × classes], class after class: values or probabilities.</param>
    /// <param name="scores">[classes], overwritten.</param>
    public void ScoresOf(ReadOnlySpan<double> predictions, int row, int rowCount, Span<float> scores)
    {
        for (var index = 0; index < scores.Length; index++)
        {
            var prediction = predictions[index * rowCount + row];
            scores[index] = (float)(Loss switch
            {
                Loss.Logistic => Math.Log(Math.Max(prediction, SmallestShare)) - Math.Log(Math.Max(1 - prediction, SmallestShare)),
                Loss.Softmax or Loss.Poisson or Loss.Gamma => Math.Log(Math.Max(prediction, SmallestShare)),
                _ => prediction,
            });
        }
    }
}

namespace Capstan.Training.Tests.Evaluation.Oracles;

/// <summary>
/// The covariance of AUCs of several models on the same rows, by its structural components, written as the paper has it.
/// Source: E. DeLong, D. DeLong, D. Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
/// characteristic curves, Biometrics 44 (1988), eq. 4 to 7.
/// </summary>
static class DeLong
{
    /// <returns>[models, models].</returns>
    public static double[,] CovarianceOf(float[][] scores, float[] labels)
    {
        var positives = Enumerable.Range(0, labels.Length).Where(row => labels[row] == 1).ToArray();
        var negatives = Enumerable.Range(0, labels.Length).Where(row => labels[row] == 0).ToArray();
        var byPositive = scores.Select(model =>
            positives.Select(x => negatives.Average(y => Psi(model[x], model[y]))).ToArray()).ToArray();
        var byNegative = scores.Select(model =>
            negatives.Select(y => positives.Average(x => Psi(model[x], model[y]))).ToArray()).ToArray();
        var result = new double[scores.Length, scores.Length];
        for (var left = 0; left < scores.Length; left++)
        {
            for (var right = 0; right < scores.Length; right++)
            {
                result[left, right] = Covariance(byPositive[left], byPositive[right]) / positives.Length
                    + Covariance(byNegative[left], byNegative[right]) / negatives.Length;
            }
        }

        return result;
    }

    static double Psi(float positive, float negative) => positive > negative ? 1 : positive == negative ? 0.5 : 0;

    static double Covariance(double[] left, double[] right)
    {
        var (leftMean, rightMean) = (left.Average(), right.Average());
        return left.Zip(right, (x, y) => (x - leftMean) * (y - rightMean)).Sum() / (left.Length - 1);
    }
}

using Capstan.Models;

namespace Capstan.Training;

/// <summary>Fits calibrations to the scores of rows that were held out.</summary>
public static class Calibrations
{
    /// <param name="logOdds">[rows] as the model gives them.</param>
    /// <param name="labels">[rows] 1 or 0.</param>
    /// <param name="weights">[rows], finite and ≥ 0.</param>
    /// <returns>Null where nothing rising fits: only one class has weight, or positives do not score higher.</returns>
    public static ScoreCalibration? Fit(CalibrationKind kind, ReadOnlySpan<float> logOdds, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Evaluators.Check(logOdds, labels, weights, labelsAreClasses: true);
        var (positives, negatives) = (0.0, 0.0);
        for (var row = 0; row < labels.Length; row++)
        {
            positives += labels[row] == 1 ? weights[row] : 0;
            negatives += labels[row] == 1 ? 0 : weights[row];
        }

        return positives == 0 || negatives == 0 ? null : kind == CalibrationKind.Platt
            ? PlattScaling.Fit(logOdds, labels, weights, positives, negatives)
            : IsotonicRegression.Fit(logOdds, labels, weights);
    }
}

using Capstan.Models;

namespace Capstan.Training.Tests.Calibration;

/// <summary>scikit-learn 1.2.1's figures for the same rows; <c>calibration.py</c> beside this file prints them.</summary>
public sealed class CalibrationOracles
{
    [Theory]
    [InlineData(false, 0.5357753825651429, 0.36632241443543156)]
    [InlineData(true, 0.5462403018010673, 0.3782449387621208)]
    public void Scikit_learn_agrees_on_Platts_curve(bool isWeighted, double slope, double offset)
    {
        var platt = Assert.IsType<ScoreCalibration.Platt>(Fit(CalibrationKind.Platt, isWeighted));
        Assert.Equal(slope, platt.Slope, 2e-5); // their optimizer stops at a gradient of 1e-5
        Assert.Equal(offset, platt.Offset, 2e-5);
    }

    [Theory]
    [InlineData(false, 0.000998003992, 0.000998003992, 0.1666666667, 0.3846153846, 0.5384615385, 0.6226415094, 0.6226415094, 0.75, 0.8, 0.8333333333, 0.999001996, 0.999001996)]
    [InlineData(true, 0.0005, 0.0005, 0.119047619, 0.3846153846, 0.5769230769, 0.6160714286, 0.6160714286, 0.734375, 0.75, 0.8333333333, 0.9995, 0.9995)]
    public void Scikit_learn_agrees_on_the_isotonic_curve(bool isWeighted, params double[] probabilities)
    {
        float[] scores = [-9, -5, -3.4375f, -2, -1.0625f, 0, 0.5f, 1.25f, 2.0625f, 3, 4.5f, 9];
        Fit(CalibrationKind.Isotonic, isWeighted)!.Apply(scores);
        for (var index = 0; index < scores.Length; index++)
        {
            Assert.Equal(probabilities[index], 1 / (1 + Math.Exp(-(double)scores[index])), 1e-6);
        }
    }

    static ScoreCalibration? Fit(CalibrationKind kind, bool isWeighted)
    {
        var rows = Enumerable.Range(0, 500).ToArray();
        return Calibrations.Fit(
            kind, [.. rows.Select(row => (Rank(row) - 80) / 16f)], [.. rows.Select(row => (row * row * 31 + row * 17) % 97 * 160 < 97 * Rank(row) ? 1f : 0f)],
            [.. rows.Select(row => isWeighted ? 1f + row % 3 : 1f)]);
    }

    static int Rank(int row) => (row * 7919 + 13) % 160;
}

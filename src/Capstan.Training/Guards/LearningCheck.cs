using System.Collections.Immutable;
using System.Globalization;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>Looks back at a training: whether its rate was too high, and whether there were rows enough.</summary>
public static class LearningCheck
{
    // Losses of epochs rise by a few percent for no reason but the order of rows.
    const double Risen = 1.2;

    /// <param name="labels">Of the training rows; with an offset of what it leaves of them (<see cref="OffsetFeature.Moments(Loss, TrainingBatch, int)"/>).</param>
    /// <param name="hasOffset">Whether scores begin at an offset: only of squared errors the moments then tell the loss of a constant.</param>
    public static IEnumerable<TrainingWarning> Of(TrainingResult result, Loss loss, LabelMoments labels, bool hasOffset = false)
    {
        var constant = hasOffset && loss is not Loss.Squared ? null : ConstantLossOf(loss, labels);
        if (RateWarning(result.History, constant) is { } warning)
        {
            yield return warning;
        }

        if (ParametersOf(result.Predictor) is { } parameters && parameters > labels.RowCount)
        {
            yield return new TrainingWarning(
                TrainingWarningKind.FewRows,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the model has {parameters:N0} parameters and {labels.RowCount:N0} training rows: it may have learned them by heart; compare its " +
                    $"metrics on other rows, and take fewer features, smaller vocabularies or a smaller network if they are worse"));
        }
    }

    /// <param name="best">The loss of the best constant; null where it is not known.</param>
    static TrainingWarning? RateWarning(ImmutableArray<EpochResult> history, double? best)
    {
        var lowest = double.PositiveInfinity;
        foreach (var epoch in history)
        {
            // A loss may be negative, of which a share says nothing.
            if (lowest > 0 && epoch.TrainingLoss > Risen * lowest)
            {
                return new TrainingWarning(
                    TrainingWarningKind.LearningRate,
                    $"the training loss rose from {Shown(lowest)} to {Shown(epoch.TrainingLoss)} in epoch {epoch.EpochNumber}: the learning rate " +
                    "looks too high; try a third of it");
            }

            lowest = Math.Min(lowest, epoch.TrainingLoss);
        }

        return best is { } constant && lowest > constant * 1.02
            ? new TrainingWarning(
                TrainingWarningKind.LearningRate,
                $"the training loss never fell below {Shown(lowest)}, and always predicting the same would have {Shown(constant)}: the learning rate " +
                "looks too high (try a tenth of it), or the features say nothing about the label")
            : null;
    }

    /// <summary>The loss of the best constant, where the labels' mean and spread tell it.</summary>
    static double? ConstantLossOf(Loss loss, LabelMoments labels) => (loss, labels.Mean) switch
    {
        (Loss.Squared, _) => labels.StandardDeviation * labels.StandardDeviation,
        (Loss.Logistic, > 0 and < 1) => -labels.Mean * Math.Log(labels.Mean) - (1 - labels.Mean) * Math.Log(1 - labels.Mean),
        _ => null,
    };

    /// <summary>Weights of a linear model that are not 0, and all parameters of a network; null for what has neither.</summary>
    static long? ParametersOf(IPredictor predictor) => predictor switch
    {
        LinearPredictor linear => linear.NumericWeights.Count(weight => weight != 0) + linear.CategoryWeights.Count(weight => weight != 0) + 1L,
        DnnPredictor network => network.Parameters.Length,
        WideDeepPredictor both => ParametersOf(both.Wide) + ParametersOf(both.Deep),
        CalibratedPredictor calibrated => ParametersOf(calibrated.Uncalibrated),
        _ => null,
    };

    static string Shown(double loss) => loss.ToString("G4", CultureInfo.InvariantCulture);
}

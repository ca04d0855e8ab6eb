using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>Prediction intervals, from rows that nothing else was decided by: neither weights nor when to stop.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>The rows held out, cut in two: for early stopping and metrics, and for the intervals.</summary>
    (IBatchSource Validation, IBatchSource Intervals) Halves(IBatchSource source, IBatchSource heldOut)
    {
        var (rule, seed) = (pipeline.Validation, (uint)pipeline.Seed);
        if (rule.Time is not null)
        {
            return (RowSubset.ByHash(heldOut, rule.Key, seed, 0, 500), RowSubset.ByHash(heldOut, rule.Key, seed, 500, 1000));
        }

        var share = HeldOutPerMille;
        return (RowSubset.ByHash(source, rule.Key, seed, 0, share / 2), RowSubset.ByHash(source, rule.Key, seed, share / 2, share));
    }

    /// <exception cref="PipelineException">There are too few rows for the coverage.</exception>
    void CheckIntervalRows(long rows)
    {
        if (pipeline.Intervals is { Coverage: var coverage } && rows < ConformalRank.FewestRows(coverage))
        {
            throw new PipelineException(
            [
                $"intervals: {rows:N0} rows are held out for them, and a coverage of {coverage} takes {ConformalRank.FewestRows(coverage):N0}; " +
                "set validation.share higher (half of those rows are for the intervals), or the coverage lower",
            ]);
        }
    }

    /// <param name="learn">Learns a model of the same kind by another loss.</param>
    PredictionIntervals? IntervalsOf(IPredictor predictor, FeatureStore? held, Func<Loss, IPredictor> learn)
    {
        if (pipeline.Intervals is not { } wanted || held is null)
        {
            return null;
        }

        var tail = (1 - wanted.Coverage) / 2;
        var (lower, upper) = wanted.Method == IntervalMethod.Quantiles
            ? (learn(new Loss.Quantile(tail)), learn(new Loss.Quantile(1 - tail)))
            : (predictor, predictor);
        var errors = ErrorsOf(lower, upper, held).Errors;
        var rows = errors.Length;
        if (ConformalRank.Of(errors, wanted.Coverage) is not { } width)
        {
            CheckIntervalRows(rows); // rows of weight 0 don't count, so there are fewer than it seemed
            return null;
        }

        PredictionIntervals intervals = wanted.Method == IntervalMethod.Quantiles
            ? new PredictionIntervals.Quantiles(wanted.Coverage, rows, lower, upper, width)
            : new PredictionIntervals.Around(wanted.Coverage, rows, width);
        progress?.Report(new TrainingReport.Notice(
            wanted.Method == IntervalMethod.Quantiles
                ? $"intervals of {wanted.Coverage:P0}, from one quantile to another and {width:G4} beyond, by {rows:N0} rows held out"
                : $"intervals of {wanted.Coverage:P0}, the prediction ± {width:G4}, by {rows:N0} rows held out"));
        return intervals;
    }

    /// <summary>How far each label is outside of what lies between two predictions; below 0 inside.</summary>
    static HeldErrors ErrorsOf(IPredictor lower, IPredictor upper, FeatureStore held)
    {
        var errors = new HeldErrors();
        var (lows, highs) = (new float[8192], new float[8192]);
        var (lowerWorkspace, upperWorkspace) = (lower.CreateWorkspace(), upper.CreateWorkspace());
        foreach (var batch in held.Rows(8192))
        {
            var low = lows.AsSpan(0, batch.RowCount);
            var high = highs.AsSpan(0, batch.RowCount);
            lower.Predict(batch.Features, low, lowerWorkspace);
            lower.Output.ToPredictions(low);
            upper.Predict(batch.Features, high, upperWorkspace);
            upper.Output.ToPredictions(high);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (batch.Weights[row] > 0)
                {
                    errors.Add(Math.Max((double)low[row] - batch.Labels[row], (double)batch.Labels[row] - high[row]));
                }
            }
        }

        return errors;
    }
}

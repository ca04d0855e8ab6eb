using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>AUC, average precision, log loss, accuracy and calibration of log-odds, weighted, in bounded memory.</summary>
/// <remarks>
/// <c>auc</c>: the probability that a random positive scores above a random negative, ties counting half.
/// <c>average_precision</c>: Σ (recallₙ − recallₙ₋₁) × precisionₙ over falling thresholds, equal scores together.
/// <c>log_loss</c>: mean of max(s, 0) − s y + log(1 + e^−|s|), in nats and not clipped. <c>accuracy</c>: positive is predicted
/// where the probability is above ½.
/// <c>calibration_error</c>: Σ over ten bins of equal weight of share × |mean probability − positive share|; equal scores are
/// never divided between bins. <c>positive_share</c>: of the labels.
/// Up to <c>exactRows</c> rows are kept (8 bytes each) and all is exact, equal whatever the order of rows. Beyond, scores are
/// counted in 2²⁰ classes, about 2,048 per doubling of |log-odds| (16 MiB): scores of one class count as tied, and the two
/// ranking metrics carry the largest error this can have made, computed from the counts (scores that really are equal enlarge it
/// needlessly); calibration takes the class's middle, which moves a probability by less than 0.0001.
/// Source: definitions as in scikit-learn (roc_auc_score, average_precision_score, log_loss).
/// </remarks>
public sealed class BinaryEvaluator : IEvaluator, IMergeable<BinaryEvaluator>
{
    public const int DefaultExactRows = 1 << 22;

    const int CalibrationBins = 10;

    readonly RankedScores _scores;
    long _rows;
    double _weight;
    double _logLoss;
    double _correct;

    /// <param name="exactRows">So many rows are ranked exactly; 0 or more.</param>
    public BinaryEvaluator(int exactRows = DefaultExactRows)
        : this(new RankedScores(exactRows)) => ArgumentOutOfRangeException.ThrowIfNegative(exactRows);

    BinaryEvaluator(RankedScores scores) => _scores = scores;

    public static BinaryEvaluator Empty => new();

    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Evaluators.Check(scores, labels, weights, labelsAreClasses: true);
        _rows += scores.Length;
        for (var row = 0; row < scores.Length; row++)
        {
            if (weights[row] == 0)
            {
                continue;
            }

            var (score, weight, isPositive) = ((double)scores[row], (double)weights[row], labels[row] == 1);
            _weight += weight;
            _logLoss += weight * (Math.Max(score, 0) - (isPositive ? score : 0) + LogOnePlus(Math.Exp(-Math.Abs(score))));
            _correct += score > 0 == isPositive ? weight : 0;
            _scores.Add(scores[row], isPositive, weights[row]);
        }
    }

    public BinaryEvaluator Merge(BinaryEvaluator other) => new(_scores.Merge(other._scores))
    {
        _rows = _rows + other._rows,
        _weight = _weight + other._weight,
        _logLoss = _logLoss + other._logLoss,
        _correct = _correct + other._correct,
    };

    public Evaluation Conclude()
    {
        var groups = _scores.Ascending();
        var (positives, negatives) = (groups.Sum(group => group.Positives), groups.Sum(group => group.Negatives));
        var hasBoth = positives > 0 && negatives > 0;
        var (auc, aucError) = hasBoth ? Auc(groups, positives, negatives) : (null, 0);
        var (precision, precisionError) = positives > 0 ? AveragePrecision(groups, positives, negatives) : (null, 0);
        var calibration = CalibrationOf(groups, positives + negatives);
        double? calibrationError = _weight > 0
            ? calibration.Sum(bin => bin.Weight * Math.Abs(bin.MeanProbability - bin.PositiveShare)) / (positives + negatives)
            : null;
        return new Evaluation(ModelTask.BinaryClassification, _rows,
        [
            new("auc", auc, HigherIsBetter: true, _scores.IsExact ? 0 : aucError),
            new("average_precision", precision, HigherIsBetter: true, _scores.IsExact ? 0 : precisionError),
            new("log_loss", PerWeight(_logLoss), HigherIsBetter: false),
            new("accuracy", PerWeight(_correct), HigherIsBetter: true),
            new("calibration_error", calibrationError, HigherIsBetter: false),
            new("positive_share", PerWeight(positives), HigherIsBetter: true),
        ], calibration);
    }

    /// <summary>Every pair within a group counts half; ordered either way it would have counted all or nothing.</summary>
    static (double? Value, double Error) Auc(IEnumerable<ScoreGroup> groups, double positives, double negatives)
    {
        var (wins, ties, below) = (0.0, 0.0, 0.0);
        foreach (var group in groups)
        {
            wins += group.Positives * below;
            ties += group.Positives * group.Negatives;
            below += group.Negatives;
        }

        return ((wins + ties / 2) / positives / negatives, ties / 2 / positives / negatives);
    }

    /// <summary>
    /// The error: how far the precision inside a group may lie from that at its end, were all its positives first or last.
    /// </summary>
    static (double? Value, double Error) AveragePrecision(IEnumerable<ScoreGroup> groups, double positives, double negatives)
    {
        var (sum, error, found, wrong) = (0.0, 0.0, positives, negatives);
        foreach (var group in groups)
        {
            // Found and wrong: what scores at least as high. Above the group there is less of both.
            var (foundAbove, wrongAbove) = (Math.Max(0, found - group.Positives), Math.Max(0, wrong - group.Negatives));
            if (group.Positives > 0)
            {
                var precision = found / (found + wrong);
                sum += group.Positives * precision;
                if (group.Negatives > 0)
                {
                    var (highest, lowest) = (found / (found + wrongAbove), foundAbove / (foundAbove + wrong));
                    error += group.Positives * Math.Max(highest - precision, precision - lowest);
                }
            }

            (found, wrong) = (foundAbove, wrongAbove);
        }

        return (sum / positives, error / positives);
    }

    static ImmutableArray<CalibrationBin> CalibrationOf(IEnumerable<ScoreGroup> groups, double total)
    {
        var bins = ImmutableArray.CreateBuilder<CalibrationBin>();
        var (weight, probability, positives, done) = (0.0, 0.0, 0.0, 0.0);
        foreach (var group in groups)
        {
            weight += group.Positives + group.Negatives;
            probability += (group.Positives + group.Negatives) / (1 + Math.Exp(-(double)group.Score));
            positives += group.Positives;

            // A bin ends where its share of the total weight is reached; the last one where all is, both up to rounding.
            if (done + weight >= total * (bins.Count + 1) / CalibrationBins * (1 - 1e-12))
            {
                bins.Add(new CalibrationBin(weight, probability / weight, positives / weight));
                done += weight;
                (weight, probability, positives) = (0, 0, 0);
            }
        }

        return bins.ToImmutable();
    }

    double? PerWeight(double sum) => _weight > 0 ? sum / _weight : null;

    /// <summary>log(1 + x) for 0 ≤ x ≤ 1 without losing a small x (Kahan's correction).</summary>
    static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }
}

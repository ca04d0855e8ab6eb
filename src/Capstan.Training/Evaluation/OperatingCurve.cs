using System.Collections.Immutable;

namespace Capstan.Training;

/// <summary>
/// A classifier at all its thresholds, from "nothing is positive" to "everything is": thinned to a bounded number of points for
/// drawing, exact at single thresholds.
/// </summary>
/// <remarks>
/// A threshold lies half-way between two neighbouring probabilities, so that rows of equal score are never divided. Points are
/// kept where recall and false-positive rate together have moved by 2 / (most − 2): neither curve's drawing is off by more.
/// </remarks>
public sealed class OperatingCurve
{
    // [n] calls the n groups of the highest probability positive.
    readonly OperatingPoint[] _all;
    readonly double[] _probabilities;

    OperatingCurve(OperatingPoint[] all, double[] probabilities, int most) =>
        (_all, _probabilities, Points) = (all, probabilities, Thin(all, most));

    /// <summary>By falling threshold, at most as many as asked for.</summary>
    public ImmutableArray<OperatingPoint> Points { get; }

    /// <summary>Where F1 is highest; the higher threshold where two are as good. Null without positives.</summary>
    public OperatingPoint? BestF1 => _all.Length > 0 && _all[^1].TruePositives > 0 ? _all.MaxBy(point => point.F1 ?? 0) : null;

    /// <param name="scores">[rows] log-odds.</param>
    /// <param name="labels">[rows] 1 or 0.</param>
    /// <param name="most">How many points may be kept, 3 or more.</param>
    public static OperatingCurve Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 3);
        Evaluators.Check(scores, labels, weights, labelsAreClasses: true);
        var ranked = new RankedScores(int.MaxValue);
        for (var row = 0; row < scores.Length; row++)
        {
            if (weights[row] > 0)
            {
                ranked.Add(scores[row], labels[row] == 1, weights[row]);
            }
        }

        var groups = ranked.Ascending().Reverse().ToArray();
        return new OperatingCurve(PointsOf(groups), [.. groups.Select(group => Probability(group.Score))], most);
    }

    /// <summary>With probabilities above a threshold called positive.</summary>
    /// <param name="threshold">0 to 1.</param>
    public OperatingPoint? At(double threshold)
    {
        var groups = 0;
        while (groups < _probabilities.Length && _probabilities[groups] > threshold)
        {
            groups++;
        }

        return _all.Length == 0 ? null : _all[groups] with { Threshold = threshold };
    }

    static OperatingPoint[] PointsOf(ScoreGroup[] falling)
    {
        if (falling.Length == 0)
        {
            return [];
        }

        var (positives, negatives) = (falling.Sum(group => group.Positives), falling.Sum(group => group.Negatives));
        var points = new OperatingPoint[falling.Length + 1];
        points[0] = new OperatingPoint(1, 0, 0, positives, negatives);
        var (found, wrong) = (0.0, 0.0);
        for (var index = 0; index < falling.Length; index++)
        {
            found += falling[index].Positives;
            wrong += falling[index].Negatives;
            var threshold = index + 1 < falling.Length
                ? (Probability(falling[index].Score) + Probability(falling[index + 1].Score)) / 2
                : 0;
            points[index + 1] = new OperatingPoint(
                threshold, found, wrong, Math.Max(0, positives - found), Math.Max(0, negatives - wrong));
        }

        return points;
    }

    static ImmutableArray<OperatingPoint> Thin(OperatingPoint[] points, int most)
    {
        var kept = ImmutableArray.CreateBuilder<OperatingPoint>();
        var step = 2.0 / (most - 2);
        var (last, next) = (0.0, 0.0);
        for (var index = 0; index < points.Length; index++)
        {
            next = (points[index].Recall ?? 0) + (points[index].FalsePositiveRate ?? 0);
            if (index == 0 || index == points.Length - 1 || next - last >= step)
            {
                kept.Add(points[index]);
                last = next;
            }
        }

        return kept.ToImmutable();
    }

    static double Probability(float score) => 1 / (1 + Math.Exp(-(double)score));
}

using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The logistic curve p = 1 / (1 + e^−(a s + b)) of least log loss over rows held out, by Newton's method with halved steps.
/// </summary>
/// <remarks>
/// Labels are drawn in from 0 and 1 by half a row of their class (Platt's prior), so that scores that tell the classes apart completely
/// have a finite slope. Sources: J. Platt, Probabilistic outputs for support vector machines, 1999; H.-T. Lin, C.-J. Lin, R. Weng, A note
/// on Platt's probabilistic outputs, Machine Learning 68 (2007), algorithm 1, with a = −A and b = −B, and weights.
/// </remarks>
static class PlattScaling
{
    const int MostSteps = 100;
    const double SmallestStep = 1e-10;
    const double Ridge = 1e-12;

    public static ScoreCalibration? Fit(
        ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, double positives, double negatives)
    {
        var (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2));
        var (a, b) = (0.0, Math.Log((positives + 1) / (negatives + 1)));
        var loss = LossOf(scores, labels, weights, high, low, a, b);
        for (var step = 0; step < MostSteps; step++)
        {
            var (g1, g2, h11, h12, h22) = (0.0, 0.0, Ridge, 0.0, Ridge);
            for (var row = 0; row < scores.Length; row++)
            {
                double score = scores[row], weight = weights[row];
                var p = 1 / (1 + Math.Exp(-(a * score + b)));
                var (slope, curve) = (weight * (p - (labels[row] == 1 ? high : low)), weight * p * (1 - p));
                (g1, g2) = (g1 + slope * score, g2 + slope);
                (h11, h12, h22) = (h11 + curve * score * score, h12 + curve * score, h22 + curve);
            }

            if (Math.Abs(g1) < 1e-9 && Math.Abs(g2) < 1e-9)
            {
                break;
            }

            var determinant = h11 * h22 - h12 * h12;
            var (da, db) = (-(h22 * g1 - h12 * g2) / determinant, -(h11 * g2 - h12 * g1) / determinant);
            var share = 1.0;
            while (share >= SmallestStep)
            {
                var next = LossOf(scores, labels, weights, high, low, a + share * da, b + share * db);
                if (next < loss + 1e-4 * share * (g1 * da + g2 * db))
                {
                    (a, b, loss) = (a + share * da, b + share * db, next);
                    break;
                }

                share /= 2;
            }

            if (share < SmallestStep)
            {
                break;
            }
        }

        return (float)a > 0 && float.IsFinite((float)a) && float.IsFinite((float)b) ? new ScoreCalibration.Platt((float)a, (float)b) : null;
    }

    static double LossOf(
        ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, double high, double low, double a, double b)
    {
        var sum = 0.0;
        for (var row = 0; row < scores.Length; row++)
        {
            // −t log p − (1 − t) log(1 − p), without ever forming p.
            var (z, target) = (a * scores[row] + b, labels[row] == 1 ? high : low);
            sum += weights[row] * (Math.Max(z, 0) - z * target + Math.Log(1 + Math.Exp(-Math.Abs(z))));
        }

        return sum;
    }
}

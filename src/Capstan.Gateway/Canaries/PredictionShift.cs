using Capstan.Data;

namespace Capstan.Gateway;

/// <summary>How far the predictions of two versions are apart. Pure.</summary>
static class PredictionShift
{
    // Kolmogorov's limit at one in a thousand, √(−ln(0.001 / 2) / 2): a trial is looked at often.
    const double Limit = 1.95;

    /// <summary>
    /// The greatest difference of the shares of predictions up to any value (the two-sample Kolmogorov–Smirnov statistic), exactly.
    /// </summary>
    /// <param name="first">Any order; at least one.</param>
    /// <param name="second">The same.</param>
    public static Distance Between(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var (one, other) = (first.ToArray(), second.ToArray());
        Array.Sort(one);
        Array.Sort(other);
        var (greatest, left, right) = (0.0, 0, 0);
        while (left < one.Length && right < other.Length)
        {
            // All equal values at once, or ties would count as differences.
            var value = Math.Min(one[left], other[right]);
            for (; left < one.Length && one[left] == value; left++)
            {
            }

            for (; right < other.Length && other[right] == value; right++)
            {
            }

            greatest = Math.Max(greatest, Math.Abs((double)left / one.Length - (double)right / other.Length));
        }

        return new Distance(greatest, Math.Min(1, Limit * Math.Sqrt(1.0 / one.Length + 1.0 / other.Length)));
    }
}

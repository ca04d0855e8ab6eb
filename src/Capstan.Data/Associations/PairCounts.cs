namespace Capstan.Data;

/// <summary>How often the values of two categories come together, over the rows in which both are present.</summary>
sealed class PairCounts
{
    readonly long[] _counts = new long[CategoryCodes.MostValues * CategoryCodes.MostValues];

    public long this[int left, int right] => _counts[left * CategoryCodes.MostValues + right];

    public long Total => _counts.Sum();

    /// <summary>
    /// Cramér's V freed of what chance gives (W. Bergsma, A bias-correction for Cramér's V and Tschuprow's T, 2013, eq. 8); null
    /// where a category has one value, or there is a row for each cell at most.
    /// </summary>
    public double? CramersV(int lefts, int rights)
    {
        double n = Total;
        double[] leftTotals = [.. Enumerable.Range(0, lefts).Select(left => (double)LeftTotal(left, rights))];
        double[] rightTotals = [.. Enumerable.Range(0, rights).Select(right => (double)RightTotal(right, lefts))];
        var (r, c) = (leftTotals.Count(total => total > 0), rightTotals.Count(total => total > 0));
        if (r < 2 || c < 2 || n < 2)
        {
            return null;
        }

        var chiSquare = 0.0;
        for (var left = 0; left < lefts; left++)
        {
            for (var right = 0; right < rights; right++)
            {
                var expected = leftTotals[left] * rightTotals[right] / n;
                var deviation = this[left, right] - expected;
                chiSquare += expected > 0 ? deviation * deviation / expected : 0;
            }
        }

        var phi = Math.Max(0, chiSquare / n - (r - 1.0) * (c - 1) / (n - 1));
        var least = Math.Min(r - (r - 1.0) * (r - 1) / (n - 1), c - (c - 1.0) * (c - 1) / (n - 1)) - 1;
        return least > 0 ? Math.Min(1, Math.Sqrt(phi / least)) : null;
    }

    public long LeftTotal(int left, int rights) => Enumerable.Range(0, rights).Sum(right => this[left, right]);

    public long RightTotal(int right, int lefts) => Enumerable.Range(0, lefts).Sum(left => this[left, right]);

    public void Observe(ReadOnlySpan<int> lefts, ReadOnlySpan<int> rights)
    {
        for (var row = 0; row < lefts.Length; row++)
        {
            if (lefts[row] >= 0 && rights[row] >= 0)
            {
                _counts[lefts[row] * CategoryCodes.MostValues + rights[row]]++;
            }
        }
    }

    /// <param name="lefts">The numbers here of the other's values; −1 for none.</param>
    public void Absorb(PairCounts other, int[] lefts, int[] rights)
    {
        for (var left = 0; left < lefts.Length; left++)
        {
            for (var right = 0; right < rights.Length; right++)
            {
                if (lefts[left] >= 0 && rights[right] >= 0)
                {
                    _counts[lefts[left] * CategoryCodes.MostValues + rights[right]] += other[left, right];
                }
            }
        }
    }
}

namespace Capstan.Training;

/// <summary>
/// How far out to go so that a share of new rows lies inside: split conformal prediction's rank among the errors of rows that
/// were not
/// trained on.
/// </summary>
/// <remarks>Source: J. Lei et al., "Distribution-free predictive inference for regression", JASA 113 (2018), algorithm
/// 2.</remarks>
public static class ConformalRank
{
    // What rounding a product such as 20 × 0.95 may add must not count as one more row.
    const double Rounding = 1e-9;

    /// <summary>The fewest rows that a finite interval of some coverage takes: 9 of 90 %.</summary>
    public static long FewestRows(double coverage) => (long)Math.Ceiling(coverage / (1 - coverage) - Rounding);

    /// <summary>The ⌈(n + 1) · coverage⌉-th smallest of n errors; null where n is too small for it.</summary>
    /// <param name="errors">[n] finite; sorted on return.</param>
    public static double? Of(Span<double> errors, double coverage)
    {
        var rank = (long)Math.Ceiling((errors.Length + 1) * coverage - Rounding);
        if (rank > errors.Length)
        {
            return null;
        }

        errors.Sort();
        return errors[(int)Math.Max(rank, 1) - 1];
    }
}

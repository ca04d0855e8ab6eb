namespace Capstan.Data;

/// <summary>Mean and variance of a number by the values of a category, over the rows in which both are present.</summary>
sealed class GroupMoments
{
    readonly Moments?[] _groups = new Moments?[CategoryCodes.MostValues];

    public Moments this[int code] => _groups[code] ?? Moments.Empty;

    /// <summary>Of all groups together.</summary>
    public Moments Total => _groups.Aggregate(Moments.Empty, (total, group) => group is null ? total : total.Merge(group));

    /// <summary>
    /// The correlation ratio: the root of the share of the variance that lies between the groups, freed of what chance gives (ε²
    /// instead of η²: T. L. Kelley, An unbiased correlation ratio measure, 1935); null where the number is constant or there is
    /// one group.
    /// </summary>
    public double? Ratio
    {
        get
        {
            var total = Total;
            var groups = _groups.Where(group => group is { Count: > 0 }).Select(group => group!).ToArray();
            if (groups.Length < 2 || total.Count <= groups.Length || total.Variance == 0)
            {
                return null;
            }

            var within = groups.Sum(group => group.Variance * group.Count) / (total.Variance * total.Count);
            return Math.Sqrt(Math.Max(0, 1 - within * (total.Count - 1) / (total.Count - groups.Length)));
        }
    }

    public void Observe(ReadOnlySpan<int> codes, ReadOnlySpan<double> values)
    {
        for (var row = 0; row < codes.Length; row++)
        {
            if (codes[row] >= 0)
            {
                // Moments observe no NaN, which stands for missing.
                (_groups[codes[row]] ??= new Moments()).Observe(values[row]);
            }
        }
    }

    /// <param name="codes">The numbers here of the other's groups; −1 for none.</param>
    public void Absorb(GroupMoments other, int[] codes)
    {
        for (var code = 0; code < codes.Length; code++)
        {
            if (codes[code] >= 0 && other._groups[code] is { } group)
            {
                _groups[codes[code]] = this[codes[code]].Merge(group);
            }
        }
    }
}

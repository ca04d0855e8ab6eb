using static Capstan.Data.ColumnValidation;

namespace Capstan.Data;

/// <summary>
/// Holds one column's values against its domain. Whatever lies outside counts as a share of the values present.
/// </summary>
sealed class DomainValidation(string name, DomainRule domain, ColumnStatistics column)
{
    public IEnumerable<Anomaly> Anomalies() => column switch
    {
        { Numbers: { } numbers } =>
        [
            .. Below(AnomalyKind.TooSmall, "domain.min", domain.Min, numbers.Min, Number),
            .. Above(AnomalyKind.TooBig, "domain.max", domain.Max, numbers.Max, Number),
        ],
        { Values: { } values } => domain.Values is { } allowed ? OfTexts(values, allowed) : [],
        { Earliest: { } earliest, Latest: { } latest } =>
        [
            .. Below(AnomalyKind.TooEarly, "domain.earliest", domain.EarliestMicroseconds, earliest, Moment),
            .. Above(AnomalyKind.TooLate, "domain.latest", domain.LatestMicroseconds, latest, Moment),
        ],
        _ => [],
    };

    static string Moment(double microseconds) => TimestampText.Format((long)microseconds);

    IEnumerable<Anomaly> Below(AnomalyKind kind, string member, double? bound, double least, Func<double, string> text)
    {
        if (bound is not { } limit || !(least < limit))
        {
            return [];
        }

        // The extremes are exact, the sketch is not: at least one value is outside.
        var outside = Math.Max(1, column.Quantiles?.CountBelow(limit) ?? 1);
        return Outside(kind, member, outside, $"below {text(limit)}, the smallest is {text(least)}", $"from {text(limit)} on");
    }

    IEnumerable<Anomaly> Above(AnomalyKind kind, string member, double? bound, double most, Func<double, string> text)
    {
        if (bound is not { } limit || !(most > limit))
        {
            return [];
        }

        var outside = Math.Max(1, column.Quantiles is { } all ? all.Count - all.CountBelow(Math.BitIncrement(limit)) : 1);
        return Outside(kind, member, outside, $"above {text(limit)}, the greatest is {text(most)}", $"up to {text(limit)}");
    }

    IEnumerable<Anomaly> Outside(AnomalyKind kind, string member, long outside, string where, string allowed)
    {
        var share = (double)outside / column.PresentCount;
        if (share > 1 - domain.Mass)
        {
            yield return new Anomaly(
                kind, name, $"{Share(share)} of values ({Count(outside)}) are {where}",
                $"the schema allows values {allowed}{Tolerance()}",
                $"Look at where they come from, move {member}, or lower domain.minDomainMass");
        }
    }

    IEnumerable<Anomaly> OfTexts(TopValues values, IReadOnlyList<string> allowed)
    {
        // Counts may be too small where not all values were kept: then what might be inside is taken to be.
        var known = allowed.ToHashSet(StringComparer.Ordinal);
        var ordered = values.Ordered();
        var inside = ordered.Where(value => known.Contains(value.Text)).Sum(value => value.Count);
        var perhapsInside = (long)Math.Min(values.Total, (double)values.CountError * known.Count);
        var outside = Math.Max(0, values.Total - inside - perhapsInside);
        // Of a list every item is a value.
        var share = (double)outside / Math.Max(1, values.Total);
        if (outside == 0 || share <= 1 - domain.Mass)
        {
            yield break;
        }

        string[] strangers =
        [
            .. ordered.Where(value => !known.Contains(value.Text)).Take(3).Select(value =>
                $"'{WordList.Short(value.Text)}' ({Count(value.Count)} {(value.Count == 1 ? "row" : "rows")})"),
        ];
        var examples = strangers.Length == 0 ? "" : $", most often {string.Join(", ", strangers)}";
        yield return new Anomaly(
            AnomalyKind.UnexpectedValues, name, $"{Share(share)} of values lie outside the domain{examples}",
            $"the schema allows {WordList.Quoted([.. allowed], "no value")}{Tolerance()}",
            "Add them to domain.values if they are right, mend what wrote them, or lower domain.minDomainMass");
    }

    string Tolerance() => domain.Mass == 1 ? "" : $" and {Share(1 - domain.Mass)} of others";
}

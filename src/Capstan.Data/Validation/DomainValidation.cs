using static Capstan.Data.ColumnValidation;

namespace Capstan.Data;

/// <summary>Holds one column's values against its domain. Whatever lies outside counts as a share of the values present.</summary>
static class DomainValidation
{
    public static IEnumerable<Anomaly> Validate(string name, DomainRule domain, ColumnStatistics column) => column switch
    {
        { Numbers: { } numbers, Quantiles: { } quantiles } =>
        [
            .. Below(AnomalyKind.TooSmall, name, domain, column, domain.Min, numbers.Min, quantiles, Number, "domain.min"),
            .. Above(AnomalyKind.TooBig, name, domain, column, domain.Max, numbers.Max, quantiles, Number, "domain.max"),
        ],
        { Values: { } values } => Texts(name, domain, column, values),
        { Earliest: { } earliest, Latest: { } latest } =>
        [
            .. Below(
                AnomalyKind.TooEarly, name, domain, column, domain.EarliestMicroseconds, earliest, column.Quantiles, Moment, "domain.earliest"),
            .. Above(AnomalyKind.TooLate, name, domain, column, domain.LatestMicroseconds, latest, column.Quantiles, Moment, "domain.latest"),
        ],
        _ => [],
    };

    static string Moment(double microseconds) => TimestampText.Format((long)microseconds);

    static IEnumerable<Anomaly> Below(
        AnomalyKind kind, string name, DomainRule domain, ColumnStatistics column, double? bound, double least, QuantileSketch? values,
        Func<double, string> text, string member)
    {
        if (bound is not { } limit || !(least < limit))
        {
            return [];
        }

        // The extremes are exact, the sketch is not: at least one value is outside.
        var outside = Math.Max(1, values?.CountBelow(limit) ?? 1);
        return Outside(kind, name, domain, column, outside, $"below {text(limit)}, the smallest is {text(least)}", $"from {text(limit)} on", member);
    }

    static IEnumerable<Anomaly> Above(
        AnomalyKind kind, string name, DomainRule domain, ColumnStatistics column, double? bound, double most, QuantileSketch? values,
        Func<double, string> text, string member)
    {
        if (bound is not { } limit || !(most > limit))
        {
            return [];
        }

        var outside = Math.Max(1, values is null ? 1 : values.Count - values.CountBelow(Math.BitIncrement(limit)));
        return Outside(kind, name, domain, column, outside, $"above {text(limit)}, the greatest is {text(most)}", $"up to {text(limit)}", member);
    }

    static IEnumerable<Anomaly> Outside(
        AnomalyKind kind, string name, DomainRule domain, ColumnStatistics column, long outside, string where, string allowed, string member)
    {
        var share = (double)outside / column.PresentCount;
        if (share > 1 - domain.Mass)
        {
            yield return new Anomaly(
                kind, name, $"{Share(share)} of values ({Count(outside)}) are {where}", $"the schema allows values {allowed}{Tolerance(domain)}",
                $"Look at where they come from, move {member}, or lower domain.minDomainMass");
        }
    }

    static IEnumerable<Anomaly> Texts(string name, DomainRule domain, ColumnStatistics column, TopValues values)
    {
        if (domain.Values is not { } allowed)
        {
            yield break;
        }

        // A value too rare to be kept is counted as outside only where all values of the domain are known to be kept or absent.
        var known = allowed.ToHashSet(StringComparer.Ordinal);
        var ordered = values.Ordered();
        var inside = ordered.Where(value => known.Contains(value.Text)).Sum(value => value.Count);
        var outside = Math.Max(0, values.Total - inside - (long)Math.Min(values.Total, (double)values.CountError * known.Count));
        var share = (double)outside / column.PresentCount;
        if (outside == 0 || share <= 1 - domain.Mass)
        {
            yield break;
        }

        ValueCount[] strangers = [.. ordered.Where(value => !known.Contains(value.Text)).Take(3)];
        var named = strangers.Select(value => $"'{WordList.Short(value.Text)}' ({Count(value.Count)} {(value.Count == 1 ? "row" : "rows")})");
        yield return new Anomaly(
            AnomalyKind.UnexpectedValues, name,
            $"{Share(share)} of values lie outside the domain" + (strangers.Length == 0 ? "" : $", most often {string.Join(", ", named)}"),
            $"the schema allows {WordList.Quoted([.. allowed], "no value")}{Tolerance(domain)}",
            "Add them to domain.values if they are right, mend what wrote them, or lower domain.minDomainMass");
    }

    static string Tolerance(DomainRule domain) => domain.Mass == 1 ? "" : $" and {Share(1 - domain.Mass)} of others";
}

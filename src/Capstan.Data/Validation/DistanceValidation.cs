using System.Globalization;
using static Capstan.Data.ColumnValidation;

namespace Capstan.Data;

/// <summary>
/// Holds a column's distribution against that of other data: drift from the previous, skew from the training data.
/// </summary>
/// <remarks>
/// A distance must exceed its limit, and what chance gives two samples of these sizes: a fixed limit alone raises false alarms
/// on few rows.
/// </remarks>
static class DistanceValidation
{
    public static IEnumerable<Anomaly> Validate(
        DataSchema schema, string name, ColumnSchema column, ColumnStatistics found, ValidationOptions options) =>
    [
        .. Compare(name, column.Drift, schema.Drift, found, options.Previous, "the previous data", "drift"),
        .. Compare(name, column.Skew, schema.Skew, found, options.Training, "the training data", "skew"),
    ];

    static IEnumerable<Anomaly> Compare(
        string name, DistanceLimits? own, DistanceLimits? general, ColumnStatistics found, TableStatistics? others, string those,
        string member)
    {
        if (others is null || others.Schema.IndexOf(name) < 0 || (own ?? general) is not { } limits)
        {
            return [];
        }

        var other = others[name];
        var distance = ColumnDistance.Between(other, found);
        // Time moves on by itself: only a limit of the column's own is meant for it.
        var shape = found.Type == DataType.Timestamp && own is null ? null : distance.JensenShannon;
        return
        [
            .. Check(
                AnomalyKind.LInfinityHigh, distance.LInfinity, limits.LInfinity, "lInfinity",
                value => $"the share of {Named(value)} differs by {Share(value.Value)} from {those}"),
            .. Check(
                AnomalyKind.JensenShannonHigh, shape, limits.JensenShannon, "jensenShannon",
                value => string.Create(
                    CultureInfo.InvariantCulture,
                    $"its Jensen–Shannon divergence from {those} is {value.Value:G3}{Means(other, found, distance)}")),
            .. Check(
                AnomalyKind.NormalizedAbsoluteDifferenceHigh, distance.NormalizedAbsoluteDifference,
                limits.NormalizedAbsoluteDifference, "normalizedAbsoluteDifference",
                value => $"the count of {Named(value)} differs from {those} by {Share(value.Value)} of all values"),
            .. Check(
                AnomalyKind.MissingShareMoved, distance.Missing, limits.Missing, "missing",
                _ => $"{Missing(found)} of rows hold no value, in {those} {Missing(other)}"),
        ];

        IEnumerable<Anomaly> Check(
            AnomalyKind kind, Distance? measured, double? limit, string rule, Func<Distance, string> say)
        {
            if (measured is { } value && value.Value > limit && value.IsSignificant)
            {
                yield return new Anomaly(
                    kind, name, say(value), $"the schema allows {Number(limit.Value)}",
                    $"Look at what changed, train on newer data, or raise {member}.{rule}");
            }
        }
    }

    static string Named(Distance distance) => $"'{WordList.Short(distance.At ?? "")}'";

    static string Missing(ColumnStatistics column) =>
        column.Count == 0 ? "0.0 %" : Share((double)column.MissingCount / column.Count);

    static string Means(ColumnStatistics other, ColumnStatistics found, ColumnDistance distance)
    {
        if (other.Numbers is not { } before || found.Numbers is not { } after)
        {
            return "";
        }

        var shift = distance.MeanShift is { } deviations
            ? string.Create(CultureInfo.InvariantCulture, $", {deviations:+0.00;−0.00;0.00} standard deviations")
            : "";
        return $" (the mean has gone from {Number(before.Mean)} to {Number(after.Mean)}{shift})";
    }
}

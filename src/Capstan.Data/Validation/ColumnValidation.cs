using System.Globalization;

namespace Capstan.Data;

/// <summary>Holds one column's statistics against its own rules: type, presence, domain, different values.</summary>
static class ColumnValidation
{
    // HyperLogLog's standard error is 1.6 %; three of them.
    const double DistinctMargin = 0.05;

    public static IEnumerable<Anomaly> Validate(string name, ColumnSchema rules, ColumnStatistics column)
    {
        // A column without any value has the type of a guess.
        var isEmpty = column.PresentCount == 0;
        if (!isEmpty && rules.Type is { } type && !Fits(column, type))
        {
            // Rules about its values would only say the same again.
            return [UnexpectedType(name, type, column), .. Presence(name, rules.Presence, column)];
        }

        return
        [
            .. Presence(name, rules.Presence, column),
            .. isEmpty || rules.Domain is null ? [] : new DomainValidation(name, rules.Domain, column).Anomalies(),
            .. isEmpty || rules.Distinct is null ? [] : Distinct(name, rules.Distinct, column),
            .. isEmpty || rules.Items is null ? [] : Items(name, rules.Items, column),
        ];
    }

    internal static string Share(double share) =>
        share is > 0 and < 0.001 ? "under 0.1 %" : share.ToString("0.0 %", CultureInfo.InvariantCulture);

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    static bool Fits(ColumnStatistics column, string type) =>
        Schema.NameOf(column.Type) == type || (type == "number" && column.Type == DataType.Int64);

    static Anomaly UnexpectedType(string name, string type, ColumnStatistics column)
    {
        var example = column switch
        {
            { Values: { } values } => $", such as {WordList.Quoted([.. values.Ordered(3).Select(value => value.Text)], "")}",
            { Numbers: { } numbers } => $" from {Number(numbers.Min)} to {Number(numbers.Max)}",
            { Earliest: { } earliest, Latest: { } latest } =>
                $" from {TimestampText.Format(earliest)} to {TimestampText.Format(latest)}",
            _ => "",
        };
        return new Anomaly(
            AnomalyKind.UnexpectedType, name, $"it holds {Schema.NameOf(column.Type)}{example}", $"the schema wants {type}",
            "Mend what wrote it, or change the column's type in the schema");
    }

    static IEnumerable<Anomaly> Presence(string name, PresenceRule? rule, ColumnStatistics column)
    {
        if (rule is null || column.Count == 0)
        {
            yield break;
        }

        var present = (double)column.PresentCount / column.Count;
        if (present < rule.MinFraction)
        {
            yield return new Anomaly(
                AnomalyKind.LowFractionPresent, name,
                $"{Share(1 - present)} of rows hold no value ({Count(column.MissingCount)} of {Count(column.Count)})",
                rule.MinFraction == 1 ? "the schema allows none" : $"the schema allows {Share(1 - rule.MinFraction.Value)}",
                "Look at what fills the column, or lower presence.minFraction");
        }

        if (present > rule.MaxFraction)
        {
            yield return new Anomaly(
                AnomalyKind.HighFractionPresent, name, $"{Share(present)} of rows hold a value",
                rule.MaxFraction == 0
                    ? "the schema says that it is always empty"
                    : $"the schema allows {Share(rule.MaxFraction.Value)}",
                "If it has come to life for good, write down its type and domain (or infer them anew) " +
                "and train on data that has it");
        }

        if (column.PresentCount < rule.MinCount)
        {
            yield return new Anomaly(
                AnomalyKind.LowCountPresent, name, $"{Count(column.PresentCount)} rows hold a value",
                $"the schema wants at least {Count(rule.MinCount.Value)}",
                "Look at what fills the column, or lower presence.minCount");
        }
    }

    /// <summary>An estimate must be wrong by more than its error to be an anomaly.</summary>
    static IEnumerable<Anomaly> Distinct(string name, DistinctRule rule, ColumnStatistics column)
    {
        if (column.Distinct is not { } distinct)
        {
            yield break;
        }

        var margin = distinct.IsExact ? 0 : DistinctMargin;
        var found = $"it has {(distinct.IsExact ? "" : "about ")}{Count(distinct.Value)} different values";
        if (distinct.Value * (1 + margin) < rule.Min)
        {
            yield return new Anomaly(
                AnomalyKind.LowDistinct, name, found, $"the schema wants at least {Count(rule.Min.Value)}",
                "Look for values that were cut off or merged, or lower distinct.min");
        }

        if (distinct.Value * (1 - margin) > rule.Max)
        {
            yield return new Anomaly(
                AnomalyKind.HighDistinct, name, found, $"the schema wants at most {Count(rule.Max.Value)}",
                "Look for values written in several ways, or raise distinct.max");
        }

        if (rule.Unique && distinct.Value < column.PresentCount * (1 - margin))
        {
            yield return new Anomaly(
                AnomalyKind.NotUnique, name, $"{found} in {Count(column.PresentCount)} rows{MostRepeated(column)}",
                "the schema wants another one in every row", "Look for rows that were delivered twice, or drop distinct.unique");
        }
    }

    static IEnumerable<Anomaly> Items(string name, ItemsRule rule, ColumnStatistics column)
    {
        if (column is not { Type: DataType.TextList, Lengths: { } counts })
        {
            yield break;
        }

        if (counts.Min < rule.Min)
        {
            yield return new Anomaly(
                AnomalyKind.TooFewItems, name, $"a list has {Number(counts.Min)} texts, of {Number(counts.Mean)} in the mean",
                $"the schema wants at least {Count(rule.Min.Value)}",
                "Look for lists that were cut off or not filled, or lower items.min");
        }

        if (counts.Max > rule.Max)
        {
            yield return new Anomaly(
                AnomalyKind.TooManyItems, name, $"a list has {Number(counts.Max)} texts, of {Number(counts.Mean)} in the mean",
                $"the schema wants at most {Count(rule.Max.Value)}",
                "Look for texts cut in the wrong places, or raise items.max");
        }
    }

    static string MostRepeated(ColumnStatistics column) => column.Values?.Ordered(1) is [{ Count: > 1 } value]
        ? $", most often '{WordList.Short(value.Text)}' ({Count(value.Count)} rows)"
        : "";
}

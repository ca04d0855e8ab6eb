using System.Numerics;
using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

namespace Capstan;

/// <summary>
/// Features from the schema and the statistics alone: numbers scaled (for linear models also in buckets, so that they can
/// bend), whole numbers of few values as categories, text of low cardinality as vocabulary and of high as hash, times into
/// their parts; numbers that repeat few values as those values, too. Trees have <see cref="AutomaticTreeFeatures"/>. The
/// expressions hold no constant that fitting would find, so that they can be written down and fitted to other rows.
/// </summary>
static class AutomaticFeatures
{
    const int MaxWholeValues = 512;
    const int MaxRepeatedValues = 1000;
    const int RowsPerRepeatedValue = 20;
    const int LeastRows = 5;
    const int MaxVocabulary = 20_000;
    const int QuantileBuckets = 32;
    const double TailShare = 0.001;
    const double TailWidths = 2;

    // Beyond it whole numbers one apart are the same double.
    const double LargestExactInteger = 1L << 53;

    // A column of which nearly every row has another value names the row; a model could only learn it by heart.
    const double KeyShare = 0.9;
    const int KeyRows = 1000;

    /// <param name="columns">The raw columns to make features of: neither the label's nor excluded ones.</param>
    /// <returns>Name and expression, in the order of the columns.</returns>
    public static IEnumerable<(string Name, Expr Expr)> From(
        IEnumerable<Field> columns, TableStatistics statistics, EstimatorFamily family)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var forTrees = family == EstimatorFamily.BoostedTrees;
        foreach (var (name, expr) in columns.SelectMany(column => From(column, statistics[column.Name], forTrees)))
        {
            // A column may be called what another column's feature is: 'fare' makes 'fare_scaled', and so may be a text.
            var unique = name;
            for (var number = 2; !names.Add(unique); number++)
            {
                unique = $"{name}_{number}";
            }

            yield return (unique, expr);
        }
    }

    static IEnumerable<(string, Expr)> From(Field column, ColumnStatistics statistics, bool forTrees) => column.Type switch
    {
        _ when statistics.PresentCount == 0 => [],
        DataType.Int64 or DataType.Float64 when forTrees => AutomaticTreeFeatures.FromNumber(column.Name, statistics),
        DataType.Int64 or DataType.Float64 => FromNumber(column, statistics),
        DataType.Boolean => FromBoolean(column, statistics),
        DataType.Text => FromText(column, statistics, forTrees),
        // Terms in a single list say nothing about others.
        DataType.TextList => statistics.Values is { Kept: > 0 }
            ? [(column.Name, MultiHot(Col(column.Name))), ($"{column.Name}_count", Count(Col(column.Name)))] : [],
        _ when forTrees => AutomaticTreeFeatures.FromTime(column.Name, statistics.Latest!.Value - statistics.Earliest!.Value),
        _ => FromTime(column, statistics),
    };

    static IEnumerable<(string, Expr)> FromNumber(Field column, ColumnStatistics statistics)
    {
        var (numbers, quantiles) = (statistics.Numbers!, statistics.Quantiles!); // a numeric column's
        var (x, name) = (Col(column.Name), column.Name);
        if (numbers.Min == numbers.Max)
        {
            return statistics.MissingCount > 0 ? [($"{name}_missing", IsMissing(x))] : [];
        }

        // A few far-off values (a fare of 429,490) would squeeze all others together. The tail itself is kept: it is where a
        // regression's largest errors are.
        var (low, high) = (quantiles.Quantile(TailShare), quantiles.Quantile(1 - TailShare));
        var tail = TailWidths * (high - low);
        var bulk = numbers.Min < low - tail || numbers.Max > high + tail ? WithoutFarTails(x) : x;
        var scaled = ($"{name}_scaled", ZScore(bulk));
        var range = numbers.Max - numbers.Min;
        if (column.Type == DataType.Int64 && range < MaxWholeValues && Math.Max(-numbers.Min, numbers.Max) < LargestExactInteger)
        {
            var values = Enumerable.Range(1, (int)range).Select(step => numbers.Min + step).ToArray();
            return [scaled, ($"{name}_value", Bucketize(x, values))];
        }

        (string, Expr)[] features = quantiles.Boundaries(QuantileBuckets).Length > 0
            ? [scaled, ($"{name}_bucket", Bucketize(x, QuantileBuckets))]
            : [scaled];
        return IsRepeated(statistics)
            ? [.. features, ($"{name}_value", Vocabulary(x, MaxRepeatedValues, minCount: LeastRows))]
            : features;
    }

    // Few values, far apart or not whole: amounts that a rule has set, where each may mean something of its own (a capital gain
    // of 15,024 dollars, a toll of 5.76). On Adult it is worth 0.014 of a network's AUC.
    static bool IsRepeated(ColumnStatistics statistics) =>
        statistics.Distinct?.Value is { } distinct && distinct <= MaxRepeatedValues
        && statistics.PresentCount >= distinct * RowsPerRepeatedValue;

    static Expr WithoutFarTails(Expr x)
    {
        var (low, high) = (Quantile(x, TailShare), Quantile(x, 1 - TailShare));
        return Clip(x, low - TailWidths * (high - low), high + TailWidths * (high - low));
    }

    static IEnumerable<(string, Expr)> FromBoolean(Field column, ColumnStatistics statistics)
    {
        if (statistics.TrueCount > 0 && statistics.TrueCount < statistics.PresentCount)
        {
            yield return (column.Name, Col(column.Name));
        }

        if (statistics.MissingCount > 0)
        {
            yield return ($"{column.Name}_missing", IsMissing(Col(column.Name)));
        }
    }

    static IEnumerable<(string, Expr)> FromText(Field column, ColumnStatistics statistics, bool forTrees)
    {
        var (values, distinct) = (statistics.Values!, statistics.Distinct!.Value); // a text column's
        if (distinct <= 1 && statistics.MissingCount == 0)
        {
            return [];
        }

        if (statistics.PresentCount >= KeyRows && distinct > KeyShare * statistics.PresentCount)
        {
            return [];
        }

        if (forTrees)
        {
            return AutomaticTreeFeatures.FromText(column.Name);
        }

        if (values.IsExact && distinct <= MaxVocabulary)
        {
            return [(column.Name, Vocabulary(Col(column.Name), MaxVocabulary, minCount: distinct > 50 ? 3 : 1))];
        }

        var buckets = Math.Min(1 << 20, BitOperations.RoundUpToPowerOf2((uint)Math.Min(distinct, 1 << 20)));
        return [(column.Name, Hash(Col(column.Name), (int)buckets))];
    }

    static IEnumerable<(string, Expr)> FromTime(Field column, ColumnStatistics statistics)
    {
        var (t, name) = (Col(column.Name), column.Name);
        var span = statistics.Latest!.Value - statistics.Earliest!.Value; // some value is present
        if (span > Timestamps.MicrosecondsPerSecond * 3600 * 2)
        {
            var minutes = Hour(t) * 60 + Minute(t);
            yield return ($"{name}_hour", Bucketize(Hour(t), Steps(1, 23)));
            yield return ($"{name}_minutes", (minutes - 720) / 416);
        }

        if (span > Timestamps.MicrosecondsPerDay)
        {
            yield return ($"{name}_weekday", Bucketize(Weekday(t), Steps(1, 6)));
            yield return ($"{name}_hour_of_week", Bucketize(Weekday(t) * 24 + Hour(t), Steps(1, 167)));
        }

        if (span > Timestamps.MicrosecondsPerDay * 400)
        {
            yield return ($"{name}_month", Bucketize(Month(t), Steps(2, 12)));
        }
    }

    static double[] Steps(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(step => (double)step)];
}

using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

namespace Capstan;

/// <summary>
/// Automatic features of trees, which ask only for the order of numbers and split categories themselves: numbers as they are,
/// texts as vocabularies, times as numbers that rise within their cycle.
/// </summary>
static class AutomaticTreeFeatures
{
    // A category of few rows tells a tree more about chance than about itself.
    const int MinCount = 10;
    const int MaxTerms = 1000;

    /// <param name="name">The column's.</param>
    public static IEnumerable<(string, Expr)> FromNumber(string name, ColumnStatistics statistics)
    {
        var (numbers, x) = (statistics.Numbers!, Col(name)); // a numeric column's
        if (numbers.Min == numbers.Max)
        {
            return statistics.MissingCount > 0 ? [($"{name}_missing", IsMissing(x))] : [];
        }

        return [(name, Placed(x, statistics))];
    }

    public static IEnumerable<(string, Expr)> FromText(string name) =>
        [(name, Vocabulary(Col(name), MaxTerms, minCount: MinCount))];

    public static IEnumerable<(string, Expr)> FromTime(string name, long spanMicroseconds)
    {
        var t = Col(name);
        if (spanMicroseconds > Timestamps.MicrosecondsPerSecond * 3600 * 2)
        {
            yield return ($"{name}_minutes", Hour(t) * 60 + Minute(t));
        }

        if (spanMicroseconds > Timestamps.MicrosecondsPerDay)
        {
            yield return ($"{name}_weekday", Weekday(t));
            yield return ($"{name}_hour_of_week", Weekday(t) * 24 + Hour(t));
        }

        if (spanMicroseconds > Timestamps.MicrosecondsPerDay * 400)
        {
            yield return ($"{name}_month", Month(t));
            yield return ($"{name}_year", Year(t));
        }
    }

    /// <summary>
    /// Missing numbers below all others, where one split parts them: features are never missing themselves. Where training
    /// misses none, one that is missing later is taken for the median.
    /// </summary>
    static Expr Placed(Expr x, ColumnStatistics statistics) =>
        Impute(x, statistics.MissingCount > 0 ? Minimum(x) - (Maximum(x) - Minimum(x)) - 1 : Median(x));
}

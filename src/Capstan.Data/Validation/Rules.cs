using System.Globalization;
using System.Text;

namespace Capstan.Data;

/// <summary>How many rows a data set should have.</summary>
public sealed record RowsRule
{
    public long? Min { get; init; }

    public long? Max { get; init; }

    /// <summary>The least number of rows as a multiple of the previous data's.</summary>
    public double? MinRatio { get; init; }

    /// <summary>The greatest number of rows as a multiple of the previous data's.</summary>
    public double? MaxRatio { get; init; }

    internal void Check(List<string> problems)
    {
        Rules.CheckCount("rows.min", Min, problems);
        Rules.CheckCount("rows.max", Max, problems);
        Rules.CheckOrder("rows", "min", Min, "max", Max, problems);
        Rules.CheckOrder("rows", "minRatio", MinRatio, "maxRatio", MaxRatio, problems);
        foreach (var (name, ratio) in new[] { ("minRatio", MinRatio), ("maxRatio", MaxRatio) })
        {
            if (ratio < 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"rows.{name}: found {ratio}, expected 0 or more"));
            }
        }
    }
}

/// <summary>
/// How far a column's values may be from those of other data; see <see cref="ColumnDistance"/> for the measures. What is not said
/// is not checked.
/// </summary>
public sealed record DistanceLimits
{
    /// <summary>Texts and booleans: the greatest change of one value's share, 0 to 1.</summary>
    public double? LInfinity { get; init; }

    /// <summary>Numbers, timestamps, texts and booleans: the greatest Jensen–Shannon divergence, 0 to 1.</summary>
    public double? JensenShannon { get; init; }

    /// <summary>Texts and booleans: the greatest change of one value's count, as a share of all values on both sides.</summary>
    public double? NormalizedAbsoluteDifference { get; init; }

    /// <summary>The greatest change of the share of missing values, 0 to 1.</summary>
    public double? Missing { get; init; }

    internal void Check(string where, List<string> problems)
    {
        Rules.CheckShare($"{where}.lInfinity", LInfinity, problems);
        Rules.CheckShare($"{where}.jensenShannon", JensenShannon, problems);
        Rules.CheckShare($"{where}.normalizedAbsoluteDifference", NormalizedAbsoluteDifference, problems);
        Rules.CheckShare($"{where}.missing", Missing, problems);
    }
}

/// <summary>Checks that several rules share.</summary>
static class Rules
{
    public static void CheckShare(string where, double? share, List<string> problems)
    {
        if (share is < 0 or > 1)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{where}: found {share}, expected 0 to 1"));
        }
    }

    public static void CheckCount(string where, long? count, List<string> problems)
    {
        if (count < 0)
        {
            problems.Add($"{where}: found {count}, expected 0 or more");
        }
    }

    public static void CheckOrder(string where, string low, double? least, string high, double? most, List<string> problems)
    {
        if (least > most)
        {
            problems.Add($"{where}: {low} is greater than {high}, so that nothing would be allowed");
        }
    }

    // Not DateTime.Parse: it reads "06/01" as of the year, and converts offsets to the time zone, in which it runs.
    public static long? MomentOf(string? text) =>
        text is not null && TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out var moment) ? moment : null;
}

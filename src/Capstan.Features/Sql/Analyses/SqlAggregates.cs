using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Statistics as aggregates, with what <see cref="StatisticFitting"/> makes of no values and of none that differ.</summary>
static class SqlAggregates
{
    /// <param name="node">What the aggregate is for.</param>
    /// <param name="value">A column of finite numbers and NULLs.</param>
    /// <exception cref="SqlNotSupportedException">The dialect has no such aggregate.</exception>
    public static string Of(Expr node, Statistic statistic, string value, SqlDialect dialect)
    {
        var (zero, one) = (SqlText.Number(0, dialect), SqlText.Number(1, dialect));
        return statistic switch
        {
            // DuckDB's plain sums add without compensation.
            Statistic.Mean when dialect == SqlDialect.DuckDb => $"COALESCE(favg({value}), {zero})",
            Statistic.Mean => $"COALESCE(AVG({value}), {zero})",
            Statistic.StandardDeviation => $"COALESCE(NULLIF(STDDEV_POP({value}), {zero}), {one})",
            Statistic.Minimum => $"COALESCE(MIN({value}), {zero})",
            Statistic.Maximum => $"COALESCE(MAX({value}), {zero})",
            Statistic.Range => $"COALESCE(NULLIF({Range(value, dialect)}, {zero}), {one})",
            _ => throw new SqlNotSupportedException(node, dialect, $"there is no SQL for {statistic}."),
        };
    }

    /// <summary>The least value that at least a share of all values does not exceed; NULL of none.</summary>
    /// <param name="shares">One share, or a list of them.</param>
    public static string Percentile(string value, string shares) => $"PERCENTILE_DISC({shares}) WITHIN GROUP (ORDER BY {value})";

    /// <summary>The boundaries of buckets of equal mass, as a list; in DuckDB each once.</summary>
    /// <exception cref="SqlNotSupportedException">The standard has no percentiles by the list.</exception>
    public static string Boundaries(Expr node, string value, int buckets, SqlDialect dialect)
    {
        var shares = string.Join(", ", Enumerable.Range(1, buckets - 1).Select(index => SqlText.Number((double)index / buckets, dialect)));
        return dialect switch
        {
            SqlDialect.PostgreSql => Percentile(value, $"ARRAY[{shares}]"),
            SqlDialect.DuckDb => $"list_sort(list_distinct(quantile_disc({value}, [{shares}])))",
            _ => throw new SqlNotSupportedException(node, dialect, "the standard has no percentiles by the list."),
        };
    }

    /// <summary>A list of numbers as text, to be read by <see cref="NumbersIn"/>: both databases write each number's shortest form.</summary>
    public static string Written(string list) => $"array_to_string({list}, ' ')";

    public static IEnumerable<double> NumbersIn(string? written) => (written ?? "")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));

    // PostgreSQL fails where a difference overflows.
    static string Range(string value, SqlDialect dialect) => dialect == SqlDialect.Ansi
        ? $"MAX({value}) - MIN({value})"
        : $"CASE WHEN MAX({value}) / {SqlText.Number(2, dialect)} - MIN({value}) / {SqlText.Number(2, dialect)} >= {SqlText.Number(Math.ScaleB(1, 1023), dialect)} " +
          $"THEN {SqlText.Number(double.MaxValue, dialect)} ELSE MAX({value}) - MIN({value}) END";
}

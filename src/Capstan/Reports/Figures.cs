using System.Globalization;
using Capstan.Data;

namespace Capstan;

/// <summary>Figures as a report shows them.</summary>
static class Figures
{
    public static string Number(double value) => value.ToString(Math.Abs(value) is >= 1e4 and < 1e15 ? "N0" : "G5", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share that is not 0 does not look like 0, and one that is not all does not look like all.</summary>
    public static string Share(double share) => share switch
    {
        > 0 and < 0.0005 => "< 0.1 %",
        > 0.9995 and < 1 => "> 99.9 %",
        _ => share.ToString("0.0 %", CultureInfo.InvariantCulture),
    };

    public static string Time(double microseconds) => TimestampText.Format((long)microseconds).Replace('T', ' ');

    public static string Distinct(ColumnStatistics column) => column.Distinct switch
    {
        null => "",
        { IsExact: true } exact => Count(exact.Value),
        var estimate => $"≈ {Count(estimate.Value)}",
    };

    public static string Short(string value) => value.Length <= 40 ? value : $"{value.AsSpan(0, 39)}…";
}

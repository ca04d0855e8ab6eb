using System.Globalization;
using Capstan.Data;

namespace Capstan;

/// <summary>Figures as a report shows them.</summary>
static class Figures
{
    public static string Number(double value) => WithDigits(value, 5);

    public static string Rough(double value) => WithDigits(value, 3);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share that is not 0 does not look like 0, and one that is not all does not look like all.</summary>
    public static string Share(double share) => share switch
    {
        > 0 and < 0.0005 => "< 0.1 %",
        > 0.9995 and < 1 => "> 99.9 %",
        _ => share.ToString("0.0 %", CultureInfo.InvariantCulture),
    };

    public static string Time(double microseconds) => TimestampText.Format((long)microseconds).Replace('T', ' ');

    public static string Day(double microseconds) => Time(microseconds).Split(' ')[0];

    public static string Distinct(ColumnStatistics column) => column.Distinct switch
    {
        null => "",
        { IsExact: true } exact => Count(exact.Value),
        var estimate => $"≈ {Count(estimate.Value)}",
    };

    // Adding 0 turns −0 into 0.
    static string WithDigits(double value, int digits)
    {
        var isLong = Math.Abs(value) is >= 1000 and < 1e15 &&
            (value == Math.Floor(value) || Math.Abs(value) >= Math.Pow(10, digits - 1));
        return (value + 0.0).ToString(isLong ? "N0" : $"G{digits}", CultureInfo.InvariantCulture);
    }

    public static string Short(string value) => value.Length <= 40 ? value : $"{value.AsSpan(0, 39)}…";
}

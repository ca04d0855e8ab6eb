namespace Capstan.Data;

/// <summary>
/// Calendar arithmetic on microseconds since 1970-01-01 in the proleptic Gregorian calendar, without branches or tables.
/// </summary>
/// <remarks>Source: the era-based day count of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).</remarks>
public static class CivilTime
{
    /// <summary>Whole days since 1970-01-01, rounding down.</summary>
    public static long DaysOf(long microseconds) => FloorDivide(microseconds, Timestamps.MicrosecondsPerDay);

    /// <summary>Whole seconds since midnight, 0 to 86,399.</summary>
    public static int SecondOfDay(long microseconds) =>
        (int)((microseconds - DaysOf(microseconds) * Timestamps.MicrosecondsPerDay) / Timestamps.MicrosecondsPerSecond);

    /// <summary>0 = Monday to 6 = Sunday; 1970-01-01 was a Thursday.</summary>
    public static int Weekday(long microseconds)
    {
        var day = (DaysOf(microseconds) + 3) % 7;
        return (int)(day < 0 ? day + 7 : day);
    }

    public static (int Year, int Month, int Day) DateOf(long microseconds)
    {
        // Years begin in March here, so that the leap day is the last of its year.
        var shifted = DaysOf(microseconds) + 719_468;
        var era = FloorDivide(shifted, 146_097);
        var dayOfEra = (int)(shifted - era * 146_097);
        var yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var monthFromMarch = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        var month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        return ((int)(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary>1 to 366.</summary>
    public static int DayOfYear(long microseconds)
    {
        var (year, month, day) = DateOf(microseconds);
        var leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        var before = (367 * month - 362) / 12;
        return before + day - (month <= 2 ? 0 : leap ? 1 : 2);
    }

    static long FloorDivide(long value, long divisor)
    {
        var quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }
}

namespace Capstan.Features;

/// <summary>Tables of dates, such as holidays. Only the day of a time counts.</summary>
public static partial class Expressions
{
    static readonly DateOnly Epoch = DateOnly.FromDateTime(DateTime.UnixEpoch);

    /// <summary>Whether a time is on one of the dates.</summary>
    /// <param name="dates">At least one, in any order.</param>
    public static Expr InDates(Expr time, params ReadOnlySpan<DateOnly> dates)
    {
        var (day, days) = (DayNumber(time), DayNumbers(dates));
        return Equal(LatestUpTo(day, days), day);
    }

    /// <summary>Whole days until the next of the dates, 0 on one of them; missing after the last.</summary>
    public static Expr DaysTo(Expr time, params ReadOnlySpan<DateOnly> dates)
    {
        var (day, days) = (DayNumber(time), DayNumbers(dates));
        // The next date is the first that day has not passed: the buckets begin on the days after the dates.
        var next = Pick(Bucketize(day, [.. days.Select(date => date + 1)]), [.. days, days[^1], days[^1]]);
        return OnlyWhere(next - day, day <= days[^1]);
    }

    /// <summary>Whole days since the latest of the dates, 0 on one of them; missing before the first.</summary>
    public static Expr DaysSince(Expr time, params ReadOnlySpan<DateOnly> dates)
    {
        var (day, days) = (DayNumber(time), DayNumbers(dates));
        return OnlyWhere(day - LatestUpTo(day, days), day >= days[0]);
    }

    /// <summary>The last of the dates that is not after the day; the first date where the day is before all.</summary>
    static Expr LatestUpTo(Expr day, double[] days) => Pick(Bucketize(day, days), [days[0], .. days, days[^1]]);

    /// <summary>
    /// Days since 1970. Whole seconds are taken off before the division: the last microsecond of a day far from 1970 is nearer to
    /// the next day's first second than a double tells.
    /// </summary>
    static Expr DayNumber(Expr time) =>
        Floor((EpochSeconds(time) - (Hour(time) * 3600 + Minute(time) * 60 + Second(time))) / 86_400);

    static double[] DayNumbers(ReadOnlySpan<DateOnly> dates) => dates.IsEmpty
        ? throw new ArgumentException("A table of dates has at least one.", nameof(dates))
        : [.. dates.ToArray().Distinct().Order().Select(date => (double)(date.DayNumber - Epoch.DayNumber))];

    /// <summary>Division by a truth: what is not true is a division by zero, and missing.</summary>
    static Expr OnlyWhere(Expr value, Expr condition) => value / condition;
}

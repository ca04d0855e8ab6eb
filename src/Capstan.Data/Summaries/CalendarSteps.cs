namespace Capstan.Data;

/// <summary>Steps of the calendar for histograms of timestamps: bars that begin on the hour, on Monday, on the first.</summary>
public static class CalendarSteps
{
    const long Minute = 60 * Timestamps.MicrosecondsPerSecond;
    const long Hour = 60 * Minute;
    const long Day = Timestamps.MicrosecondsPerDay;
    const long Week = 7 * Day;

    // 1970-01-05, the first Monday.
    const long Monday = 4 * Day;

    static readonly (string Name, long Step)[] Clock =
    [
        ("second", Timestamps.MicrosecondsPerSecond), ("5 seconds", 5 * Timestamps.MicrosecondsPerSecond),
        ("15 seconds", 15 * Timestamps.MicrosecondsPerSecond), ("minute", Minute), ("5 minutes", 5 * Minute),
        ("15 minutes", 15 * Minute), ("hour", Hour), ("3 hours", 3 * Hour), ("6 hours", 6 * Hour), ("day", Day), ("week", Week),
    ];

    static readonly (string Name, int Months)[] Months =
    [
        ("month", 1), ("quarter", 3), ("year", 12), ("5 years", 60), ("10 years", 120), ("50 years", 600), ("100 years", 1200),
        ("1,000 years", 12_000),
    ];

    /// <summary>The finest step that covers a span with few bins.</summary>
    /// <param name="earliest">Microseconds since 1970-01-01; not after <paramref name="latest"/>.</param>
    /// <param name="most">How many bins there may be: 10 or more.</param>
    /// <returns>
    /// The step in words, and the bins' edges: ascending, the first not after <paramref name="earliest"/>, the last after
    /// <paramref name="latest"/>.
    /// </returns>
    public static (string Step, double[] Edges) Between(long earliest, long latest, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earliest, latest);
        foreach (var (name, step) in Clock)
        {
            var origin = step == Week ? Monday : 0;
            var (first, last) = (IndexOf(earliest, origin, step), IndexOf(latest, origin, step));
            if (last - first < most)
            {
                var starts = Enumerable.Range(0, (int)(last - first) + 2).Select(index => origin + (first + index) * step);
                return (name, [.. starts.Select(start => (double)start)]);
            }
        }

        foreach (var (name, months) in Months)
        {
            var (first, last) = (MonthOf(earliest) / months, MonthOf(latest) / months);
            if (last - first < most)
            {
                return (name, [.. Enumerable.Range(first, last - first + 2).Select(index => (double)StartOf(index * months))]);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(latest), latest, "A timestamp lies within the years 1 to 9999.");
    }

    static long IndexOf(long time, long origin, long step)
    {
        var (quotient, rest) = Math.DivRem(time - origin, step);
        return rest < 0 ? quotient - 1 : quotient;
    }

    /// <summary>Months since the beginning of the year 0.</summary>
    static int MonthOf(long time)
    {
        var (year, month, _) = CivilTime.DateOf(time);
        return year * 12 + month - 1;
    }

    static long StartOf(int month) => month switch
    {
        < 12 => Timestamps.MinValue,
        >= 10_000 * 12 => Timestamps.MaxValue + 1,
        _ => Timestamps.FromDateTime(new DateTime(month / 12, month % 12 + 1, 1)),
    };
}

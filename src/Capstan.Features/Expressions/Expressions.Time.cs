using Capstan.Data;

namespace Capstan.Features;

/// <summary>Times.</summary>
public static partial class Expressions
{
    /// <summary>A point in time, taken as it stands: its kind (UTC or local) is not looked at.</summary>
    public static Expr Timestamp(DateTime time) => new TimestampExpr(Timestamps.FromDateTime(time));

    /// <summary>The seconds from one time to another, with their fraction; negative if the end is earlier.</summary>
    public static Expr SecondsBetween(Expr start, Expr end) => Call(ScalarFunction.SecondsBetween, start, end);

    /// <summary>Whether a time is on Saturday or Sunday.</summary>
    public static Expr IsWeekend(Expr time) => Weekday(time) >= 5;

    /// <summary>What clocks of the zone show at an instant in UTC, by this machine's time zone database.</summary>
    /// <param name="zone">A name of the IANA database, such as Europe/Berlin.</param>
    /// <exception cref="ExpressionException">There is no such zone.</exception>
    public static Expr InZone(Expr time, string zone) => new InZoneExpr(time, ZoneOffsets.OfSystem(zone));
}

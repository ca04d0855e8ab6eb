using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Times: parts, differences, and durations, which are numbers of seconds.</summary>
sealed partial class LambdaTranslation
{
    Expr TimeMember(MemberExpression member, Expression owner)
    {
        switch (member.Member.Name)
        {
            case nameof(DateTime.Year):
                return Expressions.Year(Of(owner));
            case nameof(DateTime.Month):
                return Expressions.Month(Of(owner));
            case nameof(DateTime.Day):
                return Expressions.Day(Of(owner));
            case nameof(DateTime.Hour):
                return Expressions.Hour(Of(owner));
            case nameof(DateTime.Minute):
                return Expressions.Minute(Of(owner));
            case nameof(DateTime.Second):
                return Expressions.Second(Of(owner));
            case nameof(DateTime.DayOfYear):
                return Expressions.DayOfYear(Of(owner));
            case nameof(DateTime.DayOfWeek):
                // 0 is Sunday in C# and Monday here.
                return Modulo(Expressions.Weekday(Of(owner)) + 1, 7);
            case nameof(DateTimeOffset.DateTime) when owner.Type == typeof(DateTimeOffset):
                return Of(owner);
            default:
                throw Refuse(member, owner.Type == typeof(DateTimeOffset)
                    ? "the column holds the wall clock alone, without its offset; use parts such as Hour, or .DateTime."
                    : "it has no translation; use Year to Second, DayOfWeek or DayOfYear, differences in seconds, or " +
                        "Feature.InZone.");
        }
    }

    Expr SpanMember(MemberExpression member, Expression owner)
    {
        var microseconds = member.Member.Name switch
        {
            nameof(TimeSpan.TotalSeconds) => 1e6,
            nameof(TimeSpan.TotalMilliseconds) => 1e3,
            nameof(TimeSpan.TotalMinutes) => 60e6,
            nameof(TimeSpan.TotalHours) => 3600e6,
            nameof(TimeSpan.TotalDays) => 86400e6,
            _ => throw Refuse(member, "it has no translation; use TotalSeconds, TotalMinutes, TotalHours or TotalDays."),
        };
        var seconds = Of(owner);
        // Dividing the seconds, which are rounded, would round twice; from whole microseconds on it is what TimeSpan does.
        return microseconds == 1e6 ? seconds : Expressions.Round(seconds * 1e6) / microseconds;
    }

    Expr Difference(Expression node, Expression end, Expression start) =>
        Stripped(end.Type) == typeof(DateTime) && Stripped(start.Type) == typeof(DateTime)
        ? Expressions.SecondsBetween(Of(start), Of(end))
        : throw Refuse(node, Stripped(end.Type) == typeof(DateTimeOffset)
            ? "C# subtracts instants, and the column holds wall clocks; subtract the .DateTime of both."
            : "it has no translation; subtract one DateTime from another.");
}

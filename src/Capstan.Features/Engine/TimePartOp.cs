using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>A part of a time as a number.</summary>
sealed class TimePartOp(TimePart part, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (times, values) = (frame.Times[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = times[row] == Frame.MissingTime ? double.NaN : PartOf(times[row]);
        }
    }

    double PartOf(long time) => part switch
    {
        TimePart.Year => CivilTime.DateOf(time).Year,
        TimePart.Month => CivilTime.DateOf(time).Month,
        TimePart.Day => CivilTime.DateOf(time).Day,
        TimePart.Hour => CivilTime.SecondOfDay(time) / 3600,
        TimePart.Minute => CivilTime.SecondOfDay(time) / 60 % 60,
        TimePart.Second => CivilTime.SecondOfDay(time) % 60,
        TimePart.Weekday => CivilTime.Weekday(time),
        TimePart.DayOfYear => CivilTime.DayOfYear(time),
        TimePart.EpochSeconds => time / (double)Timestamps.MicrosecondsPerSecond,
        _ => throw new UnreachableException(),
    };
}

using Capstan.Data;

namespace Capstan.Features;

/// <summary>Seconds from one time to another; both are taken to be within the years 1 to 9999.</summary>
sealed class SecondsBetweenOp(int start, int end, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Times[start], frame.Times[end], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x[row] == Frame.MissingTime || y[row] == Frame.MissingTime
                ? double.NaN
                : (Calendar.Clamp(y[row]) - Calendar.Clamp(x[row])) / (double)Timestamps.MicrosecondsPerSecond;
        }
    }
}

/// <summary>Wall time of a zone by binary search among its changes; neighbouring rows mostly fall between the same two.</summary>
sealed class InZoneOp : Op
{
    readonly long[] _starts;
    readonly long[] _offsets;
    readonly int _operand;
    readonly int _result;

    public InZoneOp(ZoneOffsets zone, int operand, int result)
    {
        (_operand, _result) = (operand, result);
        _starts = [long.MinValue, .. zone.Starts, long.MaxValue];
        _offsets = [.. zone.OffsetSeconds.Select(offset => offset * Timestamps.MicrosecondsPerSecond)];
    }

    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Times[_operand], frame.Times[_result]);
        var period = 0;
        for (var row = 0; row < frame.Count; row++)
        {
            if (x[row] == Frame.MissingTime)
            {
                values[row] = Frame.MissingTime;
                continue;
            }

            var time = Calendar.Clamp(x[row]);
            if (time < _starts[period] || time >= _starts[period + 1])
            {
                var found = Array.BinarySearch(_starts, time);
                period = found >= 0 ? found : ~found - 1;
            }

            values[row] = Calendar.Clamp(time + _offsets[period]);
        }
    }
}

static class Calendar
{
    /// <summary>A time beyond the years 1 to 9999 is the first or last of them, so that sums of times never overflow.</summary>
    public static long Clamp(long time) => Math.Clamp(time, Timestamps.MinValue, Timestamps.MaxValue);
}

using Capstan.Data;

namespace Capstan.Features;

/// <summary>Parts of times in 64-bit integer operators: <see cref="CivilTime"/> step by step, to the bit.</summary>
sealed class OnnxCalendar(OnnxGraph graph)
{
    /// <summary>A part as a double, NaN where the time is missing.</summary>
    public OnnxValue Part(TimePartExpr expr, OnnxValue time)
    {
        var missing = graph.Condition("Equal", time, graph.Constant(long.MinValue));
        var part = expr.Part switch
        {
            TimePart.Year => DateOf(time).Year,
            TimePart.Month => DateOf(time).Month,
            TimePart.Day => DateOf(time).Day,
            TimePart.Hour => Divide(SecondOfDay(time), 3600),
            TimePart.Minute => Modulo(Divide(SecondOfDay(time), 60), 60),
            TimePart.Second => Modulo(SecondOfDay(time), 60),
            // ONNX's Mod of integers has the sign of its divisor, so days before 1970 need no care.
            TimePart.Weekday => Modulo(Add(DaysOf(time), 3), 7),
            TimePart.DayOfYear => DayOfYear(time),
            TimePart.EpochSeconds => time,
            _ => throw new OnnxNotSupportedException(expr, $"this version has no operators for the time part {expr.Part}."),
        };
        var number = graph.Cast(part, OnnxType.Float64);
        if (expr.Part == TimePart.EpochSeconds)
        {
            number = graph.Arithmetic("Div", number, graph.Constant((double)Timestamps.MicrosecondsPerSecond));
        }

        return graph.Where(missing, graph.Constant(double.NaN), number);
    }

    OnnxValue DaysOf(OnnxValue time) => graph.FloorDivide(time, Timestamps.MicrosecondsPerDay);

    OnnxValue SecondOfDay(OnnxValue time) => Divide(
        graph.Arithmetic("Sub", time, Multiply(DaysOf(time), Timestamps.MicrosecondsPerDay)), Timestamps.MicrosecondsPerSecond);

    (OnnxValue Year, OnnxValue Month, OnnxValue Day) DateOf(OnnxValue time)
    {
        var shifted = Add(DaysOf(time), 719_468);
        var era = graph.FloorDivide(shifted, 146_097);
        var dayOfEra = Subtract(shifted, Multiply(era, 146_097));
        var leaps = Subtract(
            Plus(Subtract(dayOfEra, Divide(dayOfEra, 1_460)), Divide(dayOfEra, 36_524)), Divide(dayOfEra, 146_096));
        var yearOfEra = Divide(leaps, 365);
        var before = Subtract(Plus(Multiply(yearOfEra, 365), Divide(yearOfEra, 4)), Divide(yearOfEra, 100));
        var dayOfYear = Subtract(dayOfEra, before);
        var monthFromMarch = Divide(Add(Multiply(dayOfYear, 5), 2), 153);
        var day = Add(Subtract(dayOfYear, Divide(Add(Multiply(monthFromMarch, 153), 2), 5)), 1);
        var month = Choose(Less(monthFromMarch, 10), Add(monthFromMarch, 3), Add(monthFromMarch, -9));
        var year = Plus(Plus(yearOfEra, Multiply(era, 400)), graph.Cast(Less(month, 3), OnnxType.Int64));
        return (year, month, day);
    }

    OnnxValue DayOfYear(OnnxValue time)
    {
        var (year, month, day) = DateOf(time);
        var leap = graph.Condition(
            "And",
            IsZero(Modulo(year, 4)),
            graph.Condition("Or", graph.Condition("Not", IsZero(Modulo(year, 100))), IsZero(Modulo(year, 400))));
        var before = Divide(Add(Multiply(month, 367), -362), 12);
        var cut = Choose(Less(month, 3), graph.Constant(0L), Choose(leap, graph.Constant(1L), graph.Constant(2L)));
        return Subtract(Plus(before, day), cut);
    }

    OnnxValue Plus(OnnxValue x, OnnxValue y) => graph.Arithmetic("Add", x, y);

    OnnxValue Add(OnnxValue x, long number) => Plus(x, graph.Constant(number));

    OnnxValue Subtract(OnnxValue x, OnnxValue y) => graph.Arithmetic("Sub", x, y);

    OnnxValue Multiply(OnnxValue x, long factor) => graph.Arithmetic("Mul", x, graph.Constant(factor));

    // Only where x ≥ 0: rounds towards zero.
    OnnxValue Divide(OnnxValue x, long divisor) => graph.Arithmetic("Div", x, graph.Constant(divisor));

    OnnxValue Modulo(OnnxValue x, long divisor) => graph.Arithmetic("Mod", x, graph.Constant(divisor));

    OnnxValue Less(OnnxValue x, long limit) => graph.Condition("Less", x, graph.Constant(limit));

    OnnxValue IsZero(OnnxValue x) => graph.Condition("Equal", x, graph.Constant(0L));

    OnnxValue Choose(OnnxValue condition, OnnxValue x, OnnxValue y) => graph.Where(condition, x, y);
}

using Capstan.Data;

namespace Capstan.Features;

/// <summary>Compares numbers (or truths); missing if either is.</summary>
sealed class CompareNumbers(BinaryOperator comparison, int left, int right, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Numbers[left], frame.Numbers[right], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            var missing = double.IsNaN(x[row]) || double.IsNaN(y[row]);
            values[row] = missing ? double.NaN : Compare.Holds(comparison, x[row].CompareTo(y[row])) ? 1 : 0;
        }
    }
}

sealed class CompareTimes(BinaryOperator comparison, int left, int right, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Times[left], frame.Times[right], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            var missing = x[row] == Frame.MissingTime || y[row] == Frame.MissingTime;
            values[row] = missing ? double.NaN : Compare.Holds(comparison, x[row].CompareTo(y[row])) ? 1 : 0;
        }
    }
}

/// <summary>Equality of texts, byte by byte.</summary>
sealed class CompareTexts(BinaryOperator comparison, int left, int right, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Texts[left], frame.Texts[right], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = !x.IsPresent(row) || !y.IsPresent(row)
                ? double.NaN
                : x[row].SequenceEqual(y[row]) == (comparison == BinaryOperator.Equal) ? 1 : 0;
        }
    }
}

static class Compare
{
    /// <summary>Whether a comparison holds given the sign of left − right.</summary>
    public static bool Holds(BinaryOperator comparison, int sign) => comparison switch
    {
        BinaryOperator.Equal => sign == 0,
        BinaryOperator.NotEqual => sign != 0,
        BinaryOperator.Less => sign < 0,
        BinaryOperator.LessOrEqual => sign <= 0,
        BinaryOperator.Greater => sign > 0,
        _ => sign >= 0,
    };
}

/// <summary>Kleene's and / or: the deciding value wins over a missing one.</summary>
sealed class LogicOp(BinaryOperator logic, int left, int right, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Numbers[left], frame.Numbers[right], frame.Numbers[result]);
        var deciding = logic == BinaryOperator.And ? 0.0 : 1.0;
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x[row] == deciding || y[row] == deciding
                ? deciding
                : double.IsNaN(x[row]) || double.IsNaN(y[row]) ? double.NaN : 1 - deciding;
        }
    }
}

sealed class NumberIsMissing(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Numbers[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = double.IsNaN(x[row]) ? 1 : 0;
        }
    }
}

sealed class TimeIsMissing(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Times[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x[row] == Frame.MissingTime ? 1 : 0;
        }
    }
}

sealed class TextIsMissing(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? 0 : 1;
        }
    }
}

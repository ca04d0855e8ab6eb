using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

// Functions: numbers and truths from operands of any kind.
sealed partial class OnnxCompiler
{
    OnnxValue Call(CallExpr call)
    {
        switch (call.Function)
        {
            case ScalarFunction.Length:
                var text = Text(call.Operands[0]);
                return graph.Where(
                    text.Missing, graph.Constant(double.NaN), graph.Cast(_texts.Length(text.Value), OnnxType.Float64));
            case ScalarFunction.Contains or ScalarFunction.StartsWith or ScalarFunction.EndsWith:
                return Test(call);
            case ScalarFunction.RegexMatches:
                return Matches(call);
            case ScalarFunction.IndexOf:
                return IndexOf(call);
            case ScalarFunction.Occurrences:
                return Occurrences(call);
            case ScalarFunction.NumberOf:
                return NumberOf(call);
            case ScalarFunction.Count:
                return Count(call);
            case ScalarFunction.Includes:
                return Includes(call);
            case ScalarFunction.SecondsBetween:
                return SecondsBetween(Time(call.Operands[0]), Time(call.Operands[1]));
        }

        if (call.Operands.Any(operand => ExprTyping.KindOf(operand, schema) is not (ValueKind.Number or ValueKind.Truth)))
        {
            throw Unknown(call);
        }

        var x = call.Operands.Select(Number).ToArray();
        return call.Function switch
        {
            ScalarFunction.Power => Power(
                Guard(call.Operands[0], x[0], x[1]), Guard(call.Operands[1], x[1], x[0])),
            ScalarFunction.Round => graph.Finite(graph.Apply("Round", OnnxType.Float64, x)),
            ScalarFunction.Sign => graph.Where(graph.Condition("IsNaN", x), x[0], graph.Apply("Sign", OnnxType.Float64, x)),
            ScalarFunction.ArcTangent => graph.Finite(_angles.ArcTangent(x[0], x[1])),
            ScalarFunction.HyperbolicTangent => graph.Finite(graph.Apply("Tanh", OnnxType.Float64, x)),
            ScalarFunction.LogTen => graph.Finite(LogTen(x[0])),
            ScalarFunction.Haversine => graph.Finite(_angles.Haversine(x[0], x[1], x[2], x[3])),
            ScalarFunction.Bearing => graph.Finite(_angles.Bearing(x[0], x[1], x[2], x[3])),
            _ => throw Unknown(call),
        };
    }

    // 1 to the power NaN is 1, as is NaN to the power 0; here a missing operand makes the result missing.
    OnnxValue Power(OnnxValue x, OnnxValue y) => graph.Where(
        graph.Condition("Or", graph.Condition("IsNaN", x), graph.Condition("IsNaN", y)),
        graph.Constant(double.NaN), graph.Finite(graph.Arithmetic("Pow", x, y)));

    /// <summary>
    /// log x / log 10; of a power of ten its exponent, which the division may miss by a last place that a floor would make a
    /// whole. Below 10⁻³⁰⁷ doubles are too few for powers of ten.
    /// </summary>
    OnnxValue LogTen(OnnxValue x)
    {
        var quotient = graph.Arithmetic("Div", graph.Apply("Log", OnnxType.Float64, [x]), graph.Constant(Math.Log(10)));
        var whole = graph.Apply("Round", OnnxType.Float64, [quotient]);
        var isPower = graph.Condition("Equal", graph.Arithmetic("Pow", graph.Constant(10.0), whole), x);
        var isNormal = graph.Condition("GreaterOrEqual", whole, graph.Constant(-307.0));
        return graph.Where(graph.Condition("And", isPower, isNormal), whole, quotient);
    }

    OnnxValue SecondsBetween(OnnxValue start, OnnxValue end)
    {
        var span = graph.Cast(graph.Arithmetic("Sub", Clamp(end), Clamp(start)), OnnxType.Float64);
        return graph.Where(
            graph.Condition("Or", IsMissingTime(start), IsMissingTime(end)), graph.Constant(double.NaN),
            graph.Arithmetic("Div", span, graph.Constant((double)Timestamps.MicrosecondsPerSecond)));
    }

    /// <summary>The offset by binary search among the zone's changes.</summary>
    OnnxValue InZone(InZoneExpr zoned)
    {
        var time = Time(zoned.Operand);
        var (instant, zone) = (Clamp(time), zoned.Zone);
        var offsets = graph.Tensor<long>(
            "offsets", OnnxType.Int64, [zone.OffsetSeconds.Count],
            [.. zone.OffsetSeconds.Select(offset => offset * Timestamps.MicrosecondsPerSecond)]);
        var offset = graph.Apply("Gather", OnnxType.Int64, [offsets, graph.CountReached(instant, [.. zone.Starts])]);
        return graph.Where(IsMissingTime(time), graph.Constant(long.MinValue), Clamp(graph.Arithmetic("Add", instant, offset)));
    }

    /// <summary><see cref="Calendar.Clamp"/>.</summary>
    OnnxValue Clamp(OnnxValue time) =>
        graph.Smaller(graph.Larger(time, graph.Constant(Timestamps.MinValue)), graph.Constant(Timestamps.MaxValue));

    OnnxValue Test(CallExpr call)
    {
        if (call.Function != ScalarFunction.Contains && !IsConstant(call.Operands[1]))
        {
            return TestByRow(call);
        }

        var (text, part) = (Text(call.Operands[0]), ConstantText(call, 1, "part"));
        if (part is null)
        {
            return _columns.OfEveryRow(graph.Constant(double.NaN));
        }

        var holds = _texts.Holds(
            text.Value, part, before: call.Function != ScalarFunction.StartsWith,
            after: call.Function != ScalarFunction.EndsWith);
        return graph.Truth(holds, text.Missing);
    }

    /// <summary>Whether a text begins or ends with the row's own part: compared with what stands there.</summary>
    OnnxValue TestByRow(CallExpr call)
    {
        var (text, part) = (RowText(call.Operands[0]), RowText(call.Operands[1]));
        var (length, partLength) = (_texts.Length(text.Value), _texts.Length(part.Value));
        var start = call.Function == ScalarFunction.StartsWith ? graph.Constant(0L) : graph.Arithmetic("Sub", length, partLength);
        var there = _texts.Substring(text.Value, start, partLength);
        var holds = graph.Condition(
            "And", graph.Condition("LessOrEqual", partLength, length), graph.Condition("Equal", there, part.Value));
        return graph.Truth(holds, graph.Condition("Or", text.Missing, part.Missing));
    }

    OnnxValue IndexOf(CallExpr call)
    {
        if (ConstantText(call, 1, "part") is not { } part)
        {
            return _columns.OfEveryRow(graph.Constant(double.NaN));
        }

        var text = Text(call.Operands[0]);
        var at = part.Length == 0 ? graph.Constant(0L) : _texts.Length(_texts.SplitPart(text.Value, part, 0).Part);
        var stands = _texts.Holds(text.Value, part, before: true, after: true);
        var isFound = graph.Condition("And", stands, graph.Condition("Not", text.Missing));
        return graph.Where(isFound, graph.Cast(at, OnnxType.Float64), graph.Constant(double.NaN));
    }

    OnnxValue Occurrences(CallExpr call)
    {
        if (ConstantText(call, 1, "part") is not { } part)
        {
            return _columns.OfEveryRow(graph.Constant(double.NaN));
        }

        var text = RowText(call.Operands[0]);
        var count = part.Length == 0 ? graph.Constant(0L) : _texts.Occurrences(text.Value, part);
        return graph.Where(text.Missing, graph.Constant(double.NaN), graph.Cast(count, OnnxType.Float64));
    }

    OnnxValue NumberOf(CallExpr call)
    {
        var text = Text(call.Operands[0]);
        return graph.Where(text.Missing, graph.Constant(double.NaN), _numbers.Parse(text.Value));
    }

    OnnxValue Matches(CallExpr call)
    {
        var text = Text(call.Operands[0]);
        var pattern = OnnxPattern.Of(call);
        return graph.Truth(graph.Condition("RegexFullMatch", [text.Value], new OnnxText("pattern", pattern)), text.Missing);
    }

    /// <summary>An operand that stands in a pattern; null where it is missing.</summary>
    /// <exception cref="OnnxNotSupportedException">It reads a column, or is too long.</exception>
    static string? ConstantText(CallExpr call, int operandIndex, string role)
    {
        if (!IsConstant(call.Operands[operandIndex]))
        {
            throw new OnnxNotSupportedException(
                call, $"ONNX has this only for a constant {role}, and '{call.Operands[operandIndex]}' reads a column.");
        }

        var text = (string?)RowReference.Evaluate(call.Operands[operandIndex], NoRows, 0);
        return text is { Length: > OnnxTextFunctions.LargestCount }
            ? throw new OnnxNotSupportedException(call, string.Create(
                CultureInfo.InvariantCulture,
                $"its {role} is {text.Length:N0} characters long; ONNX has it up to {OnnxTextFunctions.LargestCount:N0}."))
            : text;
    }

    /// <summary>An operand that is a place or number of characters, rounded down; null where it is missing.</summary>
    /// <exception cref="OnnxNotSupportedException">It reads a column.</exception>
    static double? ConstantPlace(CallExpr call, int operandIndex) => ConstantOf(call.Operands[operandIndex]) switch
    {
        null => throw new OnnxNotSupportedException(
            call, $"ONNX has this only for constant positions, and '{call.Operands[operandIndex]}' reads a column."),
        double.NaN => null,
        var place => Math.Floor(place.Value),
    };
}

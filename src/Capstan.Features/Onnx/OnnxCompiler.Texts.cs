using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

// Texts.
sealed partial class OnnxCompiler
{
    /// <summary>A text with the condition that it is missing, where the text means nothing.</summary>
    readonly record struct TextValue(OnnxValue Value, OnnxValue Missing);

    TextValue Text(Expr expr) => IsConstant(expr) ? Known((string?)RowReference.Evaluate(expr, NoRows, 0)) : expr switch
    {
        ColumnExpr column => new TextValue(_columns.Value(column.Name), _columns.Missing(column.Name)),
        IfExpr choice => Choose(IsTrue(choice.Condition), Text(choice.Then), Text(choice.Otherwise)),
        ImputeExpr impute => Impute(Text(impute.Operand), Text(impute.Fallback)),
        CallExpr call => TextCall(call),
        _ => throw Unknown(expr),
    };

    TextValue TextCall(CallExpr call)
    {
        switch (call.Function)
        {
            case ScalarFunction.TextOf:
                return TextForm(call.Operands[0]) ?? throw new OnnxNotSupportedException(
                    call, "a number's text is its shortest decimal form, which ONNX can't write unless it is an integer column or known to be " +
                    "whole; round a number that is limited by clip(…).");
            case ScalarFunction.Trim:
                return Map(call, _texts.Trim);
            case ScalarFunction.Substring:
                return Substring(call);
            case ScalarFunction.Concat:
                return call.Operands.Select(Text).Aggregate((x, y) => new TextValue(
                    _texts.Concat(x.Value, y.Value), graph.Condition("Or", x.Missing, y.Missing)));
            case ScalarFunction.SplitPart:
                return SplitPart(call);
            case ScalarFunction.Lower or ScalarFunction.Upper:
                throw new OnnxNotSupportedException(
                    call, "ONNX changes case by the rules of a language that must be installed where it runs; change it before.");
            case ScalarFunction.Replace:
                throw new OnnxNotSupportedException(call, "ONNX has no operator that replaces parts of a text; replace them before.");
            default:
                throw Unknown(call);
        }
    }

    TextValue Map(CallExpr call, Func<OnnxValue, OnnxValue> function)
    {
        var text = Text(call.Operands[0]);
        return text with { Value = function(text.Value) };
    }

    TextValue Substring(CallExpr call)
    {
        if (ConstantPlace(call, 1) is not { } start || ConstantPlace(call, 2) is not { } count)
        {
            return Nothing();
        }

        var text = Text(call.Operands[0]);
        // No text has as many characters as an int can count, so that such a count takes all of them.
        (start, count) = (Math.Max(start, 0), Math.Max(count, 0));
        if (start > OnnxTextFunctions.LargestCount || (count > OnnxTextFunctions.LargestCount && count < int.MaxValue))
        {
            throw new OnnxNotSupportedException(call, string.Create(
                CultureInfo.InvariantCulture, $"ONNX counts {OnnxTextFunctions.LargestCount:N0} characters at most in a text; take fewer, or all that follow."));
        }

        var rest = start == 0 ? text.Value : _texts.Skip(text.Value, (int)start);
        return text with { Value = count == 0 ? graph.Constant("") : count >= int.MaxValue ? rest : _texts.Take(rest, (int)count) };
    }

    TextValue SplitPart(CallExpr call)
    {
        if (ConstantText(call, 1, "separator") is not { } separator || ConstantPlace(call, 2) is not (>= 0 and var place))
        {
            return Nothing();
        }

        var text = Text(call.Operands[0]);
        if (separator.Length == 0)
        {
            return place == 0 ? text : Nothing();
        }

        // Beyond 2³¹ no text has a part.
        var (part, missing) = _texts.SplitPart(text.Value, separator, (long)Math.Min(place, int.MaxValue));
        return new TextValue(part, graph.Condition("Or", text.Missing, missing));
    }

    TextValue Known(string? value) => new(graph.Constant(value ?? ""), graph.Constant(value is null));

    /// <summary>A text that is missing in every row.</summary>
    TextValue Nothing() => new(graph.Constant(""), _columns.OfEveryRow(graph.Constant(true)));

    TextValue Impute(TextValue x, TextValue fallback) => Choose(x.Missing, fallback, x);

    TextValue Choose(OnnxValue condition, TextValue x, TextValue y)
    {
        // Where takes no booleans in ONNX Runtime.
        var (first, second) = (graph.Condition("And", condition, x.Missing), graph.Condition("And", graph.Condition("Not", condition), y.Missing));
        return new TextValue(graph.Where(condition, x.Value, y.Value), graph.Condition("Or", first, second));
    }

    /// <summary>A text, or a number as text; null for numbers whose shortest decimal form only we can write.</summary>
    TextValue? TextForm(Expr expr)
    {
        if (ExprTyping.KindOf(expr, schema) == ValueKind.Text)
        {
            return Text(expr);
        }

        if (expr is ColumnExpr column && schema[column.Name].Type == DataType.Int64)
        {
            return new TextValue(graph.Cast(_columns.Value(column.Name), OnnxType.Text), _columns.Missing(column.Name));
        }

        if (ConstantOf(expr) is { } number)
        {
            return Known(double.IsNaN(number) ? null : CategoryText.Of(number));
        }

        if (!NumberRange.Of(expr, schema).HasPlainDigits)
        {
            return null;
        }

        var x = Number(expr);
        var missing = graph.Condition("IsNaN", x);
        var digits = graph.Cast(graph.Cast(graph.Where(missing, graph.Constant(0.0), x), OnnxType.Int64), OnnxType.Text);
        return new TextValue(digits, missing);
    }
}

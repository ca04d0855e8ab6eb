using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

// Texts.
sealed partial class OnnxCompiler
{
    /// <summary>A text with the condition that it is missing, where the text means nothing.</summary>
    readonly record struct TextValue(OnnxValue Value, OnnxValue Missing);

    readonly Dictionary<Expr, TextValue> _knownTexts = [];

    TextValue Text(Expr expr)
    {
        if (!_knownTexts.TryGetValue(expr, out var known))
        {
            _knownTexts.Add(
                expr, known = IsConstant(expr) ? Known((string?)RowReference.Evaluate(expr, NoRows, 0)) : NewText(expr));
        }

        return known;
    }

    /// <summary>[rows × 1] for a text that depends on them.</summary>
    TextValue NewText(Expr expr) => expr switch
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
                    call, "a number's text is its shortest decimal form, which ONNX can't write unless it is an integer " +
                        "column or known to be whole; round a number that is limited by clip(…).");
            case ScalarFunction.Trim:
                return Map(call, _texts.Trim);
            case ScalarFunction.Substring:
                return Substring(call);
            case ScalarFunction.Concat:
                return call.Operands.Select(Text).Aggregate((x, y) => new TextValue(
                    _texts.Concat(x.Value, y.Value), graph.Condition("Or", x.Missing, y.Missing)));
            case ScalarFunction.SplitPart:
                return SplitPart(call);
            case ScalarFunction.Lower:
                return Map(call, text => _texts.ChangeCase(text, CaseTable.Lower));
            case ScalarFunction.Upper:
                return Map(call, text => _texts.ChangeCase(text, CaseTable.Upper));
            case ScalarFunction.Replace:
                return Replace(call);
            case ScalarFunction.PadLeft:
                return PadLeft(call);
            case ScalarFunction.Item:
                return Item(call);
            case ScalarFunction.Join:
                return Join(call);
            case ScalarFunction.RegexExtract or ScalarFunction.RegexReplace:
                throw new OnnxNotSupportedException(
                    call, "ONNX's patterns match the longest text, ours the first alternative; extract or replace before, or " +
                        "use regex_matches.");
            case ScalarFunction.Normalize or ScalarFunction.StripAccents:
                throw new OnnxNotSupportedException(
                    call, "ONNX has no operator for Unicode's normal forms; bring the texts into one before.");
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
        if (!call.Operands.Skip(1).All(IsConstant))
        {
            return SubstringByRow(call);
        }

        if (ConstantPlace(call, 1) is not { } start || ConstantPlace(call, 2) is not { } count)
        {
            return Nothing();
        }

        var text = Text(call.Operands[0]);
        // No text has as many characters as an int can count, so that such a count takes all of them.
        (start, count) = (Math.Max(start, 0), Math.Max(count, 0));
        if (start > OnnxTextFunctions.LargestCount || (count > OnnxTextFunctions.LargestCount && count < int.MaxValue))
        {
            return SubstringByRow(call);
        }

        var rest = start == 0 ? text.Value : _texts.Skip(text.Value, (int)start);
        return text with { Value = count == 0 ? EmptyText() : count >= int.MaxValue ? rest : _texts.Take(rest, (int)count) };
    }

    /// <summary>Character by character.</summary>
    TextValue SubstringByRow(CallExpr call)
    {
        var (text, start, count) = (RowText(call.Operands[0]), Number(call.Operands[1]), Number(call.Operands[2]));
        var isUnknown = graph.Condition("Or", graph.Condition("IsNaN", start), graph.Condition("IsNaN", count));
        return new TextValue(
            _texts.Substring(text.Value, Place(start, least: 0), Place(count, least: 0)),
            graph.Condition("Or", text.Missing, isUnknown));
    }

    TextValue SplitPart(CallExpr call)
    {
        if (ConstantText(call, 1, "separator") is not { } separator)
        {
            return Nothing();
        }

        if (!IsConstant(call.Operands[2]))
        {
            return SplitPartByRow(call, separator);
        }

        if (ConstantPlace(call, 2) is not (>= 0 and var place))
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

    TextValue SplitPartByRow(CallExpr call, string separator)
    {
        var (text, place) = (RowText(call.Operands[0]), Place(Number(call.Operands[2]), least: -1));
        var isFirst = graph.Condition("Equal", place, graph.Constant(0L));
        if (separator.Length == 0)
        {
            return text with { Missing = graph.Condition("Or", text.Missing, graph.Condition("Not", isFirst)) };
        }

        var (items, present) = _texts.Parts(text.Value, separator);
        var (part, isNone) = _lists.Item(new OnnxList(items, present, text.Missing, true), place);
        // An empty text has no part in ONNX and one, empty like itself, here.
        var isEmpty = graph.Condition("And", isFirst, graph.Condition("Equal", text.Value, graph.Constant("")));
        var missing = graph.Condition("And", isNone, graph.Condition("Not", isEmpty));
        return new TextValue(part, graph.Condition("Or", text.Missing, missing));
    }

    TextValue Replace(CallExpr call)
    {
        if (ConstantText(call, 1, "part to replace") is not { } old)
        {
            return Nothing();
        }

        var (text, replacement) = (Text(call.Operands[0]), Text(call.Operands[2]));
        var value = old.Length == 0 ? text.Value : _texts.Replace(RowText(call.Operands[0]).Value, old, replacement.Value);
        return new TextValue(value, graph.Condition("Or", text.Missing, replacement.Missing));
    }

    TextValue PadLeft(CallExpr call)
    {
        var range = NumberRange.Of(call.Operands[1], schema);
        if (!(range.High <= OnnxTextFunctions.LargestCount))
        {
            throw new OnnxNotSupportedException(call, string.Create(
                CultureInfo.InvariantCulture,
                $"ONNX pads to at most {OnnxTextFunctions.LargestCount:N0} characters; limit the width, as by min(width, 100)."));
        }

        var (text, width) = (Text(call.Operands[0]), Number(call.Operands[1]));
        var value = _texts.PadLeft(
            text.Value, Place(width, least: 0), ((TextExpr)call.Operands[2]).Value, Math.Max(0, (int)range.High));
        return new TextValue(value, graph.Condition("Or", text.Missing, graph.Condition("IsNaN", width)));
    }

    /// <summary>
    /// A number rounded down as an integer, from the least to what is more than any place in a text or list; the least where
    /// missing.
    /// </summary>
    OnnxValue Place(OnnxValue number, long least)
    {
        var (low, high) = (graph.Constant((double)least), graph.Constant((double)int.MaxValue));
        var whole = graph.Apply("Floor", OnnxType.Float64, [number]);
        // A comparison with NaN is false.
        var limited = graph.Where(graph.Condition("GreaterOrEqual", whole, low), whole, low);
        return graph.Cast(graph.Where(graph.Condition("Less", limited, high), limited, high), OnnxType.Int64);
    }

    /// <summary>A text in every row, also where it is a constant.</summary>
    TextValue RowText(Expr expr) => Text(expr) is var text && IsConstant(expr)
        ? text with { Value = _columns.OfEveryRow(text.Value) } : text;

    TextValue Known(string? value) => new(graph.Constant(value ?? ""), graph.Constant(value is null));

    /// <summary>A text that is missing in every row.</summary>
    TextValue Nothing() => new(EmptyText(), _columns.OfEveryRow(graph.Constant(true)));

    OnnxValue EmptyText() => _columns.OfEveryRow(graph.Constant(""));

    TextValue Impute(TextValue x, TextValue fallback) => Choose(x.Missing, fallback, x);

    TextValue Choose(OnnxValue condition, TextValue x, TextValue y)
    {
        // Where takes no booleans in ONNX Runtime.
        var (first, second) = (
            graph.Condition("And", condition, x.Missing), graph.Condition("And", graph.Condition("Not", condition), y.Missing));
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

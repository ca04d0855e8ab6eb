namespace Capstan.Features;

// Lists, and the vectors made of them.
sealed partial class OnnxCompiler
{
    static readonly Lazy<string> PartsOfWords = new(() => CodePointClass.Of(WordsOp.IsPartOfWord));

    readonly Dictionary<Expr, OnnxList> _knownLists = [];
    readonly Dictionary<TermVectorExpr, (OnnxValue Counts, OnnxList List)> _knownCounts = [];

    /// <summary>The elements of a vector feature, single precision, 0 where missing.</summary>
    public IEnumerable<OnnxValue> Vector(TermVectorExpr vector)
    {
        var terms = (FixedVectorTerms)vector.Terms; // frozen
        return Enumerable.Range(0, terms.Values.Count).Select(element => Single(Element(vector, terms, element)));
    }

    OnnxValue Element(TermVectorExpr vector, FixedVectorTerms terms, int element)
    {
        if (!_knownCounts.TryGetValue(vector, out var known))
        {
            var list = List(vector.Operand);
            _knownCounts.Add(vector, known = (_lists.Counts(list, terms.Values), list));
        }

        var count = graph.Apply(
            "Gather", OnnxType.Float64, [known.Counts, graph.Constants([element])], new OnnxNumber("axis", 1));
        var isAbsent = graph.Condition("Equal", count, graph.Constant(0.0));
        var share = vector.Weight switch
        {
            TermWeight.Presence => graph.Where(isAbsent, count, graph.Constant(1.0)),
            TermWeight.InverseFrequency => graph.Arithmetic("Div", count, graph.Cast(_lists.Count(known.List), OnnxType.Float64)),
            _ => count,
        };
        var factor = graph.Constant(terms.Factors[element]);
        // As in Guard: ONNX Runtime drops factors that are 1 in single precision, unless they depend on the rows.
        factor = terms.Factors[element] != 1 && (float)terms.Factors[element] == 1f ? graph.Where(isAbsent, factor, factor)
            : factor;
        var weighed = graph.Where(isAbsent, graph.Constant(0.0), graph.Finite(graph.Arithmetic("Mul", share, factor)));
        return graph.Where(known.List.Missing, graph.Constant(double.NaN), weighed);
    }

    OnnxList List(Expr expr)
    {
        if (!_knownLists.TryGetValue(expr, out var known))
        {
            _knownLists.Add(expr, known = IsConstant(expr) ? Known((ValueList<string>?)RowReference.Evaluate(expr, NoRows, 0))
                : NewList(expr));
        }

        return known;
    }

    OnnxList NewList(Expr expr) => expr switch
    {
        ColumnExpr column => _columns.List(column.Name, _lists),
        IfExpr choice => Choose(IsTrue(choice.Condition), List(choice.Then), List(choice.Otherwise)),
        ImputeExpr impute when List(impute.Operand) is var list => Choose(list.Missing, List(impute.Fallback), list),
        CallExpr call => ListCall(call),
        _ => throw Unknown(expr),
    };

    OnnxList ListCall(CallExpr call) => call.Function switch
    {
        ScalarFunction.Split => Split(call, Text(call.Operands[0])),
        ScalarFunction.Words => Tokens(Text(call.Operands[0]), $"[{PartsOfWords.Value}]+"),
        ScalarFunction.Characters => Tokens(Text(call.Operands[0]), OnnxTextFunctions.Any),
        ScalarFunction.NGrams => _lists.NGrams(
            List(call.Operands[0]), (int)((NumberExpr)call.Operands[1]).Value, (int)((NumberExpr)call.Operands[2]).Value,
            ((TextExpr)call.Operands[3]).Value),
        ScalarFunction.Distinct => _lists.Distinct(List(call.Operands[0])),
        _ => throw Unknown(call),
    };

    OnnxList Split(CallExpr call, TextValue text)
    {
        if (ConstantText(call, 1, "separator") is not { } separator)
        {
            return Known(default(ValueList<string>?));
        }

        if (separator.Length == 0)
        {
            return new OnnxList(
                text.Value, graph.Condition("Not", graph.Condition("Equal", text.Value, graph.Constant(""))), text.Missing, true);
        }

        var (items, present) = _texts.Parts(text.Value, separator);
        return new OnnxList(items, present, text.Missing, true);
    }

    OnnxList Tokens(TextValue text, string pattern)
    {
        var tokens = _texts.Tokens(text.Value, "x", pattern);
        return new OnnxList(
            tokens, graph.Condition("Not", graph.Condition("Equal", tokens, graph.Constant(""))), text.Missing, true);
    }

    OnnxList Known(ValueList<string>? list)
    {
        var items = _columns.OfEveryRow(list is { Count: > 0 } some ? graph.Texts([.. some]) : graph.Constant(""));
        var isItem = graph.Condition("Equal", items, items);
        return new OnnxList(
            items, list is { Count: > 0 } ? isItem : graph.Condition("Not", isItem),
            _columns.OfEveryRow(graph.Constant(list is null)), true);
    }

    /// <summary>Both side by side, of which each row has one.</summary>
    OnnxList Choose(OnnxValue condition, OnnxList x, OnnxList y)
    {
        var isOther = graph.Condition("Not", condition);
        var items = graph.Apply("Concat", OnnxType.Text, [x.Items, y.Items], new OnnxNumber("axis", 1));
        OnnxValue[] presents =
        [
            graph.Cast(graph.Condition("And", condition, x.Present), OnnxType.Int64),
            graph.Cast(graph.Condition("And", isOther, y.Present), OnnxType.Int64),
        ];
        var present = graph.Apply("Concat", OnnxType.Int64, presents, new OnnxNumber("axis", 1));
        var missing = graph.Condition(
            "Or", graph.Condition("And", condition, x.Missing), graph.Condition("And", isOther, y.Missing));
        return new OnnxList(items, graph.Cast(present, OnnxType.Boolean), missing, false);
    }

    OnnxValue Includes(CallExpr call)
    {
        var (list, text) = (List(call.Operands[0]), Text(call.Operands[1]));
        return graph.Truth(_lists.Includes(list, text.Value), graph.Condition("Or", list.Missing, text.Missing));
    }

    OnnxValue Count(CallExpr call)
    {
        var list = List(call.Operands[0]);
        return graph.Where(list.Missing, graph.Constant(double.NaN), graph.Cast(_lists.Count(list), OnnxType.Float64));
    }

    TextValue Item(CallExpr call)
    {
        var (list, place) = (List(call.Operands[0]), Number(call.Operands[1]));
        var (item, missing) = _lists.Item(list, Place(place, least: -1));
        return new TextValue(item, graph.Condition("Or", list.Missing, missing));
    }

    TextValue Join(CallExpr call)
    {
        var (list, separator) = (List(call.Operands[0]), Text(call.Operands[1]));
        return new TextValue(_lists.Join(list, separator.Value), graph.Condition("Or", list.Missing, separator.Missing));
    }
}
